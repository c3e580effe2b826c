using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// RMSprop: v ← αv + (1−α)g², θ ← θ − γ·g/(√v + ε). Centered: m ← αm + (1−α)g, and v − m² stands under the root (Graves, "Generating
/// Sequences With Recurrent Neural Networks", 2013, equations 38–45). With momentum: b ← μb + g/(…), θ ← θ − γ·b.
/// Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012; ε outside the root, as in PyTorch.
/// </summary>
/// <remarks>
/// One deviation from PyTorch: v − m² is never taken below 0, where rounding can bring it under a gradient that doesn't change and
/// PyTorch's result is NaN.
/// </remarks>
public sealed record RmsPropOptions : OptimizerOptions
{
    private static readonly StateTensor SquareAverage = new("square_avg") { NonNegative = true };
    private static readonly StateTensor MomentumBuffer = new("momentum_buffer");
    private static readonly StateTensor GradientAverage = new("grad_avg");

    /// <summary>γ = 1e-2 and λ = 0, the defaults of <c>torch.optim.RMSprop</c> (PyTorch 2.10).</summary>
    public RmsPropOptions() => LearningRate = 1e-2;

    /// <inheritdoc/>
    public override string Kind => "rmsprop";

    /// <summary>α, 0 ≤ α &lt; 1. Default 0.99 (PyTorch's; the lecture has 0.9).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Alpha { get; init => field = Require.Decay(value); } = 0.99;

    /// <summary>ε, at least 0. Default 1e-8 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>μ, at least 0. Default 0 (PyTorch's): no momentum and no state for it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Momentum { get; init => field = Require.AtLeastZero(value); }

    /// <summary>Divide by the root of the variance instead of the mean square. Default false.</summary>
    public bool Centered { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => (Centered, Momentum > 0) switch
    {
        (false, false) => [SquareAverage],
        (false, true) => [SquareAverage, MomentumBuffer],
        (true, false) => [SquareAverage, GradientAverage],
        (true, true) => [SquareAverage, GradientAverage, MomentumBuffer],
    };

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => (Centered, Momentum > 0) switch
    {
        (false, false) => UpdateKernel.OneState(this, scalars => new RmsPropRule(this, scalars)),
        (false, true) => UpdateKernel.TwoStates(this, scalars => new MomentumRmsPropRule(this, scalars)),
        (true, false) => UpdateKernel.TwoStates(this, scalars => new CenteredRmsPropRule(this, scalars)),
        (true, true) => UpdateKernel.ThreeStates(this, scalars => new CenteredMomentumRmsPropRule(this, scalars)),
    };
}

internal readonly struct RmsPropRule(RmsPropOptions options, StepScalars scalars) : IUpdateRule1
{
    private readonly double _alpha = options.Alpha;
    private readonly double _gain = 1 - options.Alpha;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane v) where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), Direction(g, ref v, _alpha, _gain, _epsilon), p);

    /// <summary>g/(√v + ε)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Direction<TLane>(TLane g, ref TLane v, double alpha, double gain, double epsilon) where TLane : struct, ILane<TLane>
    {
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(gain) * g, g, TLane.Broadcast(alpha) * v);
        return g / (TLane.Sqrt(v) + TLane.Broadcast(epsilon));
    }
}

internal readonly struct MomentumRmsPropRule(RmsPropOptions options, StepScalars scalars) : IUpdateRule2
{
    private readonly double _alpha = options.Alpha;
    private readonly double _gain = 1 - options.Alpha;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _momentum = options.Momentum;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane v, ref TLane b) where TLane : struct, ILane<TLane>
    {
        b = TLane.FusedMultiplyAdd(TLane.Broadcast(_momentum), b, RmsPropRule.Direction(g, ref v, _alpha, _gain, _epsilon));
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), b, p);
    }
}

internal readonly struct CenteredRmsPropRule(RmsPropOptions options, StepScalars scalars) : IUpdateRule2
{
    private readonly double _alpha = options.Alpha;
    private readonly double _gain = 1 - options.Alpha;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane v, ref TLane m) where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), Direction(g, ref v, ref m, _alpha, _gain, _epsilon), p);

    /// <summary>g/(√(v − m²) + ε)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Direction<TLane>(TLane g, ref TLane v, ref TLane m, double alpha, double gain, double epsilon) where TLane : struct, ILane<TLane>
    {
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(gain) * g, g, TLane.Broadcast(alpha) * v);
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(gain), g - m, m);
        TLane zero = TLane.Broadcast(0);
        TLane variance = TLane.Max(TLane.FusedMultiplyAdd(zero - m, m, v), zero);
        return g / (TLane.Sqrt(variance) + TLane.Broadcast(epsilon));
    }
}

internal readonly struct CenteredMomentumRmsPropRule(RmsPropOptions options, StepScalars scalars) : IUpdateRule3
{
    private readonly double _alpha = options.Alpha;
    private readonly double _gain = 1 - options.Alpha;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _momentum = options.Momentum;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane v, ref TLane m, ref TLane b) where TLane : struct, ILane<TLane>
    {
        b = TLane.FusedMultiplyAdd(TLane.Broadcast(_momentum), b, CenteredRmsPropRule.Direction(g, ref v, ref m, _alpha, _gain, _epsilon));
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), b, p);
    }
}
