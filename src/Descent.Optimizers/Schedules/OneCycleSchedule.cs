namespace Descent.Optimizers;

/// <summary>
/// Up from 1/d to 1 in the first part of the run, then down to 1/(d·e), along cosines
/// (<c>torch.optim.lr_scheduler.OneCycleLR</c> with two phases; the base rate is its <c>max_lr</c>).
/// Smith and Topin, "Super-Convergence", 2018. Momentum is cycled by a schedule of its own over the same shape (<c>beta1: { kind: one_cycle, from: 0.85, to: 0.95 }</c> in a run file).
/// </summary>
public sealed record OneCycleSchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "one_cycle";

    /// <summary>The part of the run that climbs, from 0 to 1. Default 0.3 (PyTorch's <c>pct_start</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double RiseFraction { get; init => field = Require.Fraction(value); } = 0.3;

    /// <summary>d, above 0: the run starts at 1/d. Default 25 (PyTorch's <c>div_factor</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double InitialDivisor { get; init => field = Require.Positive(value); } = 25;

    /// <summary>e, above 0: the run ends at 1/(d·e). Default 1e4 (PyTorch's <c>final_div_factor</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double FinalDivisor { get; init => field = Require.Positive(value); } = 1e4;

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps)
    {
        // PyTorch counts the top and the end as steps of the run, hence the −1.
        double top = Math.Max(0, (RiseFraction * totalSteps) - 1);
        double end = Math.Max(top, totalSteps - 1);
        double initial = 1 / InitialDivisor;
        return step < top ? Cosine(initial, 1, step / top)
            : end > top ? Cosine(1, initial / FinalDivisor, Math.Min(1, (step - top) / (end - top)))
            : 1;
    }
}
