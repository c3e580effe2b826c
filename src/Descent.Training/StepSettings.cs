namespace Descent.Training;

/// <summary>What schedules say of one step.</summary>
/// <param name="RateFactor">Multiplies every learning rate.</param>
internal readonly record struct StepSettings(double RateFactor)
{
    /// <summary>Multiplies the threshold of whatever clips gradients.</summary>
    public double ClipFactor { get; init; } = 1;
}
