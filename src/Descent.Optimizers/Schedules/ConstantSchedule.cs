namespace Descent.Optimizers;

/// <summary>The base rate all the way, after the warm-up.</summary>
public sealed record ConstantSchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "constant";

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps) => 1;
}
