using Descent.Training.Data;

namespace Descent.Training;

/// <summary>What a run does over and over.</summary>
internal interface ITrainingStep
{
    /// <summary>Does step <paramref name="step"/>, counted from 0.</summary>
    StepOutcome Run(BatchLoader loader, long step, in StepSettings settings);
}
