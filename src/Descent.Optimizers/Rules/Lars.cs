using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// LARS, momentum with a rate for every layer: γₗ = γ·η‖θ‖/(‖g‖ + λ‖θ‖), b ← μb + γₗ(g + λθ), θ ← θ − b.
/// You, Gitman and Ginsburg, "Large Batch Training of Convolutional Networks", 2017 (arXiv 1708.03888), algorithm 1.
/// </summary>
/// <remarks>
/// <para>A layer is a parameter tensor. Norms and biases, exempt from decay, and other vectors take the plain rate γ without decay of the exempt ones, as in the
/// implementations that MLPerf and Optax's mask stand for; the paper adapts every layer (<see cref="AdaptVectors"/>). Where a norm is 0 the rate is γ as well. The
/// rate is inside the buffer, as in the paper, so that a schedule acts on what is to come only.</para>
/// <para>Two passes: the norms read parameter and gradient, the update moves what momentum moves. Exactly the layers that a processor's cache doesn't hold are
/// read twice.</para>
/// </remarks>
public sealed record LarsOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor> Buffer = [new("momentum_buffer")];

    /// <summary>γ = 1 and λ = 0: the paper gives a rate for each network and batch, with η = 0.001 in front of it; Optax's λ is 0.</summary>
    public LarsOptions() => LearningRate = 1;

    /// <inheritdoc/>
    public override string Kind => "lars";

    /// <inheritdoc/>
    public override UpdateScope Scope => UpdateScope.Tensor;

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>μ, 0 ≤ μ &lt; 1. Default 0.9 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Momentum { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>η, above 0: how far a layer may be trusted to move, in parts of its norm. Default 0.001 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double TrustCoefficient { get; init => field = Require.Positive(value); } = 0.001;

    /// <summary>Give vectors that are not exempt from decay a rate of their own too. Default false.</summary>
    public bool AdaptVectors { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => Buffer;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => new TensorKernel<LarsRule>(this, (scalars, _) => new LarsRule(this, scalars));
}

internal readonly struct LarsRule(LarsOptions options, StepScalars scalars) : ITensorRule
{
    private readonly double _momentum = options.Momentum;
    private readonly double _rate = scalars.LearningRate;
    private readonly double _trust = options.TrustCoefficient;
    private readonly double _decay = scalars.WeightDecay;
    private readonly bool _adaptVectors = options.AdaptVectors;

    public static Streams Needs => Streams.State0;

    public static Streams GatherReads => Streams.Parameter | Streams.Gradient;

    public static Streams GatherWrites => Streams.None;

    public static Streams UpdateReads => Streams.Parameter | Streams.Gradient | Streams.State0;

    public static Streams UpdateWrites => Streams.Parameter | Streams.State0;

    public static bool Squares => true;

    public static bool TwoSums => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gather<TLane>(TLane p, TLane g, ref TLane b, ref TLane s1, ref TLane s2, ref TLane s3, out TLane first, out TLane second)
        where TLane : struct, ILane<TLane> =>
        (first, second) = (p, g);

    public TensorFactors Settle(double parameterSquares, double gradientSquares, in TensorSlot slot)
    {
        (double parameter, double gradient) = (Math.Sqrt(parameterSquares), Math.Sqrt(gradientSquares));
        bool plain = slot.Exempt || (slot.Rows == 0 && !_adaptVectors) || parameter == 0 || gradient == 0;
        return new(plain ? _rate : _rate * _trust * parameter / (gradient + (_decay * parameter)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane b, ref TLane s1, ref TLane s2, ref TLane s3, TLane step, TLane keep)
        where TLane : struct, ILane<TLane>
    {
        TLane decayed = TLane.FusedMultiplyAdd(TLane.Broadcast(_decay), p, g);
        b = TLane.FusedMultiplyAdd(step, decayed, TLane.Broadcast(_momentum) * b);
        p -= b;
    }
}
