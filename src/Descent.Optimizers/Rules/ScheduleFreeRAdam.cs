namespace Descent.Optimizers;

/// <summary>
/// Schedule-Free AdamW with RAdam's rectified rate in place of a warm-up: γ·r, where ρ∞ = 2/(1−β₂) − 1, ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ) and
/// r = √((ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ)) once ρₜ &gt; 4.
/// Defazio et al., "The Road Less Scheduled", 2024, over Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2020, algorithm 2;
/// as in <c>schedulefree.RAdamScheduleFree</c>. See <see cref="ScheduleFreeOptions"/> for what is kept.
/// </summary>
public sealed record ScheduleFreeRAdamOptions : ScheduleFreeOptions
{
    private static readonly IReadOnlyList<StateTensor> States = [Offset, new("exp_avg_sq") { NonNegative = true }];

    /// <summary>γ = 2.5e-3 and λ = 0, the defaults of <c>schedulefree.RAdamScheduleFree</c>.</summary>
    public ScheduleFreeRAdamOptions() => LearningRate = 2.5e-3;

    /// <inheritdoc/>
    public override string Kind => "schedule_free_radam";

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>β₁, above 0 and below 1: how near to the mean gradients are taken. Default 0.9 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Inside(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves, and how long the rate rises. Default 0.999 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>
    /// Whether parameters rest while ρₜ ≤ 4, the first four steps with β₂ = 0.999, and only v is gathered; otherwise those steps are SGD's at the full rate.
    /// Default true (the authors').
    /// </summary>
    public bool SilentSgdPhase { get; init; } = true;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    private protected override double Interpolation => Beta1;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.TwoStates(this, scalars => IsRectified(scalars.Step)
        ? new ScheduleFreeAdaptiveRule(Beta1, Beta2, 1 / Math.Sqrt(1 - Math.Pow(Beta2, scalars.Step)), Epsilon, BaseRate(scalars), scalars)
        : new ScheduleFreeAdaptiveRule(Beta1, Beta2, rootCorrection: 0, epsilon: 1, BaseRate(scalars), scalars)); // G = g + λy: SGD's

    private protected override double BaseRate(in StepScalars scalars)
    {
        if (!IsRectified(scalars.Step))
        {
            return SilentSgdPhase ? 0 : scalars.LearningRate;
        }

        return scalars.LearningRate * new Rectification(Beta2, scalars.Step).Factor;
    }

    private bool IsRectified(long step) => new Rectification(Beta2, step).Length > 4;
}
