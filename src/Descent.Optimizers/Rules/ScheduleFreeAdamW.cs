using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Schedule-Free AdamW: v ← β₂v + (1−β₂)g², G = g/(√(v/(1−β₂ᵗ)) + ε) + λy, z ← z − γG, x ← (1−c)x + cz, y = (1−β₁)z + β₁x.
/// Defazio et al., "The Road Less Scheduled", 2024, algorithm 1. See <see cref="ScheduleFreeOptions"/> for what is kept.
/// </summary>
/// <remarks>
/// The decay is taken at y, as in the paper's algorithm and by default in <c>schedulefree</c>. One deviation: the paper's γ carries the bias correction,
/// γ√(1−β₂ᵗ), with ε beside the uncorrected root; this is the package's form.
/// </remarks>
public sealed record ScheduleFreeAdamWOptions : ScheduleFreeOptions
{
    private static readonly IReadOnlyList<StateTensor> States = [Offset, new("exp_avg_sq") { NonNegative = true }];

    /// <summary>γ = 2.5e-3 and λ = 0, the defaults of <c>schedulefree.AdamWScheduleFree</c>.</summary>
    public ScheduleFreeAdamWOptions() => LearningRate = 2.5e-3;

    /// <inheritdoc/>
    public override string Kind => "schedule_free_adamw";

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>β₁, above 0 and below 1: how near to the mean gradients are taken. Default 0.9 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Inside(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    private protected override double Interpolation => Beta1;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.TwoStates(
        this,
        scalars => new ScheduleFreeAdaptiveRule(Beta1, Beta2, 1 / Math.Sqrt(1 - Math.Pow(Beta2, scalars.Step)), Epsilon, scalars.LearningRate, scalars));
}

/// <summary>G = g/(s√v + ε) + λy.</summary>
internal readonly struct ScheduleFreeAdaptiveRule(
    double beta1, double beta2, double rootCorrection, double epsilon, double rate, StepScalars scalars) : IUpdateRule2
{
    private readonly ScheduleFreeMove _move = new(beta1, rate, scalars.Shared.Span[2]);
    private readonly double _beta2 = beta2;
    private readonly double _gain2 = 1 - beta2;
    private readonly double _rootCorrection = rootCorrection;
    private readonly double _epsilon = epsilon;
    private readonly double _decay = scalars.WeightDecay;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane y, TLane g, ref TLane d, ref TLane v) where TLane : struct, ILane<TLane>
    {
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        _move.Apply(ref y, TLane.FusedMultiplyAdd(TLane.Broadcast(_decay), y, g / root), ref d);
    }
}
