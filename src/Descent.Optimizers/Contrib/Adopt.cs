using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// ADOPT: Adam whose gradient is divided by the root of the squares before it, and averaged after the division, so that it converges with any β₂:
/// n = clamp(g/max(√v, ε), ±c) with c = (t−1)^¼, m ← β₁m + (1−β₁)n, θ ← θ − γ·m, then v ← β₂v + (1−β₂)g². The first step only sets v = g².
/// Taniguchi et al., "ADOPT: Modified Adam Can Converge with Any β₂ with the Optimal Rate", 2024 (arXiv 2411.02853), algorithm 2 with its clipping.
/// </summary>
/// <remarks>In <c>Contrib/</c>: young; comparisons by others have not settled its place yet.</remarks>
public sealed record AdoptOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0, the defaults of the authors' code (iShohei220/adopt).</summary>
    public AdoptOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "adopt";

    /// <summary>Decay the parameter itself, θ ← (1 − γλ)·θ from the second step on, instead of adding λ·θ to the gradient. Default false (the authors').</summary>
    public bool DecoupledDecay { get; init; }

    /// <inheritdoc/>
    public override bool OwnWeightDecay => DecoupledDecay;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of divided gradients moves. Default 0.9 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.9999 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.9999;

    /// <summary>ε, above 0: the least that a gradient is divided by. Default 1e-6 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0, or not finite.</exception>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-6;

    /// <summary>Whether divided gradients are clipped to ±(t−1)^¼, which keeps early steps short. Default true (the authors').</summary>
    public bool Clip { get; init; } = true;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => AdamRule.State;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.TwoStates(this, scalars => new AdoptRule(this, scalars));
}

internal readonly struct AdoptRule(AdoptOptions options, StepScalars scalars) : IUpdateRule2
{
    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _beta2 = scalars.Step == 1 ? 0 : options.Beta2;
    private readonly double _gain2 = scalars.Step == 1 ? 1 : 1 - options.Beta2;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _limit = Limit(options, scalars);
    private readonly double _minusLimit = -Limit(options, scalars);
    private readonly double _keep = options.DecoupledDecay && scalars.Step > 1 ? 1 - (scalars.LearningRate * scalars.WeightDecay) : 1;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v) where TLane : struct, ILane<TLane>
    {
        TLane n = g / TLane.Max(TLane.Sqrt(v), TLane.Broadcast(_epsilon));
        n = TLane.Max(TLane.Min(n, TLane.Broadcast(_limit)), TLane.Broadcast(_minusLimit));
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), n - m, m);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), m, TLane.Broadcast(_keep) * p);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
    }

    // 0 at first.
    private static double Limit(AdoptOptions options, in StepScalars scalars) =>
        options.Clip || scalars.Step == 1 ? Math.Pow(scalars.Step - 1, 0.25) : double.PositiveInfinity;
}
