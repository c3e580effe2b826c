using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Momentum as PyTorch has it: b ← μb + (1−τ)g with b = g at the first step, θ ← θ − γ·b; with Nesterov's look-ahead θ ← θ − γ·(g + μb).
/// Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever et al., "On the importance of
/// initialization and momentum in deep learning", 2013 (they keep γ inside the velocity, which differs when γ changes).
/// </summary>
/// <remarks>
/// A steady gradient moves θ by γ/(1−μ) times it a step. <see cref="EmaMomentumOptions"/> is the form with a factor 1−β instead.
/// </remarks>
public sealed record MomentumOptions : OptimizerOptions
{
    internal static readonly IReadOnlyList<StateTensor> Buffer = [new("momentum_buffer")];

    /// <summary>γ = 1e-3 and λ = 0, the defaults of <c>torch.optim.SGD</c> (PyTorch 2.10).</summary>
    public MomentumOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => Nesterov ? "nesterov" : "momentum";

    /// <summary>
    /// μ, at least 0; a value of 1 or more, which PyTorch allows and schedulers may pass for a while, never forgets a gradient.
    /// Default 0.9, the value of Sutskever et al. (PyTorch's own is 0, plain descent).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Momentum { get; init => field = Require.AtLeastZero(value); } = 0.9;

    /// <summary>τ, from 0 to 1: how much of each gradient after the first is left out. Default 0 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Dampening { get; init => field = Require.Fraction(value); }

    /// <summary>Look ahead by one step of momentum; needs a dampening of 0. Default false.</summary>
    public bool Nesterov { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => Buffer;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Nesterov with dampening or without momentum.</exception>
    public override UpdateKernel CreateKernel()
    {
        if (!Nesterov)
        {
            return UpdateKernel.OneState(this, scalars => new MomentumRule(this, scalars));
        }

        return Momentum > 0 && Dampening == 0
            ? UpdateKernel.OneState(this, scalars => new NesterovRule(this, scalars))
            : throw new InvalidOperationException(
                $"Nesterov with Momentum {Momentum} and Dampening {Dampening}; allowed: Momentum above 0 and Dampening 0. "
                + "Set Dampening to 0 and give a Momentum, or turn Nesterov off.");
    }
}

internal readonly struct MomentumRule(MomentumOptions options, StepScalars scalars) : IUpdateRule1
{
    private readonly double _momentum = options.Momentum;
    private readonly double _gain = scalars.Step == 1 ? 1 : 1 - options.Dampening;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane b) where TLane : struct, ILane<TLane>
    {
        b = TLane.FusedMultiplyAdd(TLane.Broadcast(_momentum), b, TLane.Broadcast(_gain) * g);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), b, p);
    }
}

internal readonly struct NesterovRule(MomentumOptions options, StepScalars scalars) : IUpdateRule1
{
    private readonly double _momentum = options.Momentum;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane b) where TLane : struct, ILane<TLane>
    {
        TLane momentum = TLane.Broadcast(_momentum);
        b = TLane.FusedMultiplyAdd(momentum, b, g);
        TLane ahead = TLane.FusedMultiplyAdd(momentum, b, g);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), ahead, p);
    }
}
