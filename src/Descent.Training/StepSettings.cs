using Descent.Training.Configuration;

namespace Descent.Training;

/// <summary>What schedules say of one step.</summary>
/// <param name="RateFactor">Multiplies every learning rate.</param>
internal readonly record struct StepSettings(double RateFactor)
{
    /// <summary>What multiplies each group's rate instead, in their order, where a group has a schedule of its own; null where none has.</summary>
    public IReadOnlyList<double>? GroupRateFactors { get; init; }

    /// <summary>Clipping and noise.</summary>
    public required GradientOptions Gradients { get; init; }

    /// <summary>Penalties.</summary>
    public required RegularizationOptions Regularization { get; init; }

    /// <summary>Batches whose gradients make the step.</summary>
    public required long MicroBatches { get; init; }

    /// <summary>Global norm of the mean gradient of the step before; null at the first.</summary>
    public double? LastNorm { get; init; }

    /// <summary>Multiplies the threshold of whatever clips gradients.</summary>
    public double ClipFactor { get; init; } = 1;
}
