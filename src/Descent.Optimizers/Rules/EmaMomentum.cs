using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Momentum as an exponential mean of gradients: v ← βv + (1−β)g, θ ← θ − γ·v, with v = 0 before the first step.
/// The form of many textbooks and articles.
/// </summary>
/// <remarks>
/// It moves as <see cref="MomentumOptions"/> with dampening β does, but starts slower: its first step is (1−β) times as long. A steady
/// gradient moves θ by γ times it a step, so the rate that suits it is 1/(1−β) times momentum's.
/// </remarks>
public sealed record EmaMomentumOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0, as <see cref="MomentumOptions"/>.</summary>
    public EmaMomentumOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "momentum_ema";

    /// <summary>β, 0 ≤ β &lt; 1. Default 0.9, the customary value: a mean over about ten gradients.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta { get; init => field = Require.Decay(value); } = 0.9;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => MomentumOptions.Buffer;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.OneState(this, scalars => new EmaMomentumRule(this, scalars));
}

internal readonly struct EmaMomentumRule(EmaMomentumOptions options, StepScalars scalars) : IUpdateRule1
{
    private readonly double _gain = 1 - options.Beta;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane v) where TLane : struct, ILane<TLane>
    {
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain), g - v, v);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), v, p);
    }
}
