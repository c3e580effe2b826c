namespace Descent.Optimizers;

/// <summary>
/// No average: the weights themselves are measured and saved, or the point that the optimizer has for it (<see cref="OptimizerOptions.EvaluationPoint"/>).
/// </summary>
public sealed record NoAverageOptions : AverageOptions
{
    /// <inheritdoc/>
    public override string Kind => "none";

    /// <inheritdoc/>
    public override bool IsDue(long step, long? steps, long stepsPerEpoch) => false;

    /// <inheritdoc/>
    public override double Gain(long updates) => 1;
}
