using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// LAMB, Adam with a rate for every layer: r = m̂/(√v̂ + ε) + λθ, θ ← θ − γ·‖θ‖/‖r‖·r, with Adam's m̂ and v̂.
/// You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", 2020 (arXiv 1904.00962), algorithm 2 with φ(z) = z.
/// </summary>
/// <remarks>
/// <para>A layer is a parameter tensor. Norms and biases, exempt from decay, take Adam's step unscaled, as in the authors' code for BERT; so do other vectors,
/// unless <see cref="AdaptVectors"/> is set. Where a norm is 0 the ratio is 1.</para>
/// <para>Two passes: the first brings m and v forward and sums, the second computes r again from m and v, which moves no more memory than to keep it and takes none.</para>
/// </remarks>
public sealed record LambOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0.01: the rate of common implementations, the decay of the paper's BERT.</summary>
    public LambOptions()
    {
        LearningRate = 1e-3;
        WeightDecay = 0.01;
    }

    /// <inheritdoc/>
    public override string Kind => "lamb";

    /// <inheritdoc/>
    public override UpdateScope Scope => UpdateScope.Tensor;

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-6 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-6;

    /// <summary>Give vectors that are not exempt from decay a ratio of their own too. Default false.</summary>
    public bool AdaptVectors { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => AdamRule.State;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => new TensorKernel<LambRule>(this, (scalars, _) => new LambRule(this, scalars));
}

internal readonly struct LambRule(LambOptions options, StepScalars scalars) : ITensorRule
{
    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _beta2 = options.Beta2;
    private readonly double _gain2 = 1 - options.Beta2;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _correction = 1 / (1 - Math.Pow(options.Beta1, scalars.Step));
    private readonly double _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step));
    private readonly double _decay = scalars.WeightDecay;
    private readonly double _rate = scalars.LearningRate;
    private readonly bool _adaptVectors = options.AdaptVectors;

    public static Streams Needs => Streams.State0 | Streams.State1;

    public static Streams GatherReads => Streams.Parameter | Streams.Gradient | Streams.State0 | Streams.State1;

    public static Streams GatherWrites => Streams.State0 | Streams.State1;

    public static Streams UpdateReads => Streams.Parameter | Streams.State0 | Streams.State1;

    public static Streams UpdateWrites => Streams.Parameter;

    public static bool Squares => true;

    public static bool TwoSums => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gather<TLane>(TLane p, TLane g, ref TLane m, ref TLane v, ref TLane s2, ref TLane s3, out TLane first, out TLane second)
        where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        (first, second) = (p, Direction(p, m, v));
    }

    public TensorFactors Settle(double parameterSquares, double directionSquares, in TensorSlot slot)
    {
        bool plain = slot.Exempt || (slot.Rows == 0 && !_adaptVectors) || parameterSquares == 0 || directionSquares == 0;
        return new(plain ? -_rate : -_rate * Math.Sqrt(parameterSquares / directionSquares));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v, ref TLane s2, ref TLane s3, TLane step, TLane keep)
        where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(step, Direction(p, m, v), p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TLane Direction<TLane>(TLane p, TLane m, TLane v) where TLane : struct, ILane<TLane>
    {
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        return TLane.FusedMultiplyAdd(TLane.Broadcast(_decay), p, TLane.Broadcast(_correction) * m / root);
    }
}
