using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Cautious AdamW: with AdamW's m and v and φ = 1 where m·g > 0, else 0: θ ← (1 − γλ)·θ, then θ ← θ − γ·φ/max(mean φ, 10⁻³)·m̂/(√v̂ + ε), the mean over the tensor.
/// Liang et al., "Cautious Optimizers: Improving Training with One Line of Code", 2024 (arXiv 2411.16085), algorithms 1 and 2.
/// </summary>
/// <remarks>
/// <para>AdamW's step without the coordinates in which it goes against the present gradient; the others are scaled up by as much as fell away. Algorithm 1 adds a
/// small number to the mean of φ; this is the authors' code (<c>C-Optim</c>) and timm's (<c>caution</c>), which bound the mean from below, so that a step grows at most a
/// thousandfold. m, v and the decay are AdamW's whatever φ is.</para>
/// <para>Two passes: the first brings m and v forward and counts, the second moves the parameter.</para>
/// </remarks>
public sealed record CautiousAdamWOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 1e-2: AdamW's, which the paper leaves as they are.</summary>
    public CautiousAdamWOptions()
    {
        LearningRate = 1e-3;
        WeightDecay = 1e-2;
    }

    /// <inheritdoc/>
    public override string Kind => "cautious_adamw";

    /// <inheritdoc/>
    public override UpdateScope Scope => UpdateScope.Tensor;

    /// <inheritdoc/>
    public override bool DecoupledWeightDecay => true;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (AdamW's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (AdamW's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (AdamW's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => AdamRule.State;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => new TensorKernel<CautiousAdamWRule>(this, (scalars, _) => new CautiousAdamWRule(this, scalars));
}

internal readonly struct CautiousAdamWRule(CautiousAdamWOptions options, StepScalars scalars) : ITensorRule
{
    // The authors' bound.
    private const double SmallestShare = 1e-3;

    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _beta2 = options.Beta2;
    private readonly double _gain2 = 1 - options.Beta2;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step));
    private readonly double _minusRate = -scalars.LearningRate / (1 - Math.Pow(options.Beta1, scalars.Step));

    public static Streams Needs => Streams.State0 | Streams.State1;

    public static Streams GatherReads => Streams.Parameter | Streams.Gradient | Streams.State0 | Streams.State1;

    public static Streams GatherWrites => Streams.State0 | Streams.State1;

    public static Streams UpdateReads => Streams.Parameter | Streams.Gradient | Streams.State0 | Streams.State1;

    public static Streams UpdateWrites => Streams.Parameter;

    public static bool Squares => false;

    public static bool TwoSums => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gather<TLane>(TLane p, TLane g, ref TLane m, ref TLane v, ref TLane s2, ref TLane s3, out TLane first, out TLane second)
        where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        (first, second) = (TLane.SelectPositive(m * g, TLane.Broadcast(1), TLane.Broadcast(0)), default);
    }

    public TensorFactors Settle(double kept, double unused, in TensorSlot slot) => new(_minusRate / Math.Max(kept / slot.Length, SmallestShare));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v, ref TLane s2, ref TLane s3, TLane step, TLane keep)
        where TLane : struct, ILane<TLane>
    {
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        p = TLane.FusedMultiplyAdd(step, TLane.SelectPositive(m * g, m, TLane.Broadcast(0)) / root, p);
    }
}
