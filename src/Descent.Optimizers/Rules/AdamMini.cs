using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Adam-mini, AdamW with one v for a block of parameters: θ ← (1 − γλ)θ, m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)·mean(g²) over the block, θ ← θ − γ·m̂/(√v̂ + ε).
/// Zhang et al., "Adam-mini: Use Fewer Learning Rates To Gain More", 2024 (arXiv 2406.16793), algorithms 1 and 2.
/// </summary>
/// <remarks>
/// <para>Blocks: an attention head of query and key; elsewhere an output unit (a matrix's row, a convolution's filter), and a vector as a whole, the partition of the paper's later
/// versions and of the authors' package since 1.1. Embeddings and the head keep a v for every element, as in the paper's algorithm and the package before 1.1
/// (<see cref="RowsOfTables"/> takes their rows instead). Which parameter is what comes from the group: <c>Roles</c>, <c>StackedRows</c> and <c>HeadRows</c>.</para>
/// <para>A block is read from memory once: its mean is taken first, and the update follows while it lies in the cache.</para>
/// </remarks>
public sealed record AdamMiniOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor>[] States = [.. new[] { false, true }.SelectMany(
        static _ => new[] { false, true }, static (whole, rows) => Declared(new BlockPartition(whole, !rows)))];

    /// <summary>γ = 1e-3 and λ = 0, the defaults of the authors' package.</summary>
    public AdamMiniOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "adam_mini";

    /// <inheritdoc/>
    public override UpdateScope Scope => UpdateScope.Tensor;

    /// <inheritdoc/>
    public override bool DecoupledWeightDecay => true;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>One v a tensor instead of one a row, but for attention heads: the partition of the paper's first version. Default false.</summary>
    public bool WholeTensors { get; init; }

    /// <summary>Embeddings and the head have a v for every row instead of every element: the package since 1.1. Default false.</summary>
    public bool RowsOfTables { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States[(WholeTensors ? 2 : 0) + (RowsOfTables ? 1 : 0)];

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => new BlockKernel<AdamMiniRule>(
        this,
        new BlockPartition(WholeTensors, !RowsOfTables),
        scalars => new AdamMiniRule(this, scalars),
        UpdateKernel.TwoStates(this, scalars => new AdamRule(Beta1, Beta2, Epsilon, scalars)));

    private static IReadOnlyList<StateTensor> Declared(BlockPartition partition) =>
        [new("exp_avg"), new("exp_avg_sq") { NonNegative = true, Count = partition.Count }];
}

internal readonly struct AdamMiniRule(AdamMiniOptions options, StepScalars scalars) : IBlockRule
{
    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _gain2 = 1 - options.Beta2;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step));
    private readonly double _minusRate = -scalars.LearningRate / (1 - Math.Pow(options.Beta1, scalars.Step));

    public static Streams Needs => Streams.State0 | Streams.State1;

    public static Streams GatherReads => Streams.Parameter | Streams.Gradient;

    public static Streams GatherWrites => Streams.None;

    public static Streams UpdateReads => Streams.Parameter | Streams.Gradient | Streams.State0;

    public static Streams UpdateWrites => Streams.Parameter | Streams.State0;

    public static bool Squares => true;

    public static bool TwoSums => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gather<TLane>(TLane p, TLane g, ref TLane m, ref TLane s1, ref TLane s2, ref TLane s3, out TLane first, out TLane second)
        where TLane : struct, ILane<TLane> =>
        (first, second) = (g, default);

    public double Advance(double v, double squares, long length) => v + (_gain2 * ((squares / length) - v));

    public TensorFactors Settle(double v) => new(_minusRate / ((Math.Sqrt(v) * _rootCorrection) + _epsilon));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane s1, ref TLane s2, ref TLane s3, TLane step, TLane keep)
        where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        p = TLane.FusedMultiplyAdd(step, m, p);
    }
}
