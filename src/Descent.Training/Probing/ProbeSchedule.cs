using Descent.Optimizers;

namespace Descent.Training.Probing;

/// <summary>A rate that goes from one multiple of the base rate to another by the same factor every step.</summary>
/// <param name="First">The multiple at the first step.</param>
/// <param name="Last">The multiple at the last step.</param>
internal sealed record ProbeSchedule(double First, double Last) : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "probe";

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps) => First * Math.Pow(Last / First, totalSteps > 1 ? Math.Min(1, step / (totalSteps - 1.0)) : 0);
}
