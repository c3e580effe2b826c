using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Lion: θ ← (1 − γλ)·θ − γ·sign(β₁m + (1−β₁)g), then m ← β₂m + (1−β₂)g: every parameter moves by the rate itself, with half of Adam's state.
/// Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023 (arXiv 2302.06675), algorithm 2.
/// </summary>
/// <remarks>The authors take a rate three to ten times smaller than AdamW's and a decay as many times larger, and find the gain in large batches.</remarks>
public sealed record LionOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor> States = [new("exp_avg")];

    /// <summary>γ = 1e-4 and λ = 0, the defaults of the authors' code (google/automl).</summary>
    public LionOptions() => LearningRate = 1e-4;

    /// <inheritdoc/>
    public override string Kind => "lion";

    /// <inheritdoc/>
    public override bool DecoupledWeightDecay => true;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how much of the mean is in the direction. Default 0.9 (the paper's; 0.95 where training is unstable).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of gradients moves. Default 0.99 (the paper's; 0.98 where training is unstable).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.99;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.OneState(this, scalars => new LionRule(this, scalars));
}

internal readonly struct LionRule(LionOptions options, StepScalars scalars) : IUpdateRule1
{
    private readonly double _beta1 = options.Beta1;
    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _beta2 = options.Beta2;
    private readonly double _gain2 = 1 - options.Beta2;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m) where TLane : struct, ILane<TLane>
    {
        TLane direction = TLane.FusedMultiplyAdd(TLane.Broadcast(_beta1), m, TLane.Broadcast(_gain1) * g);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), TLane.Sign(direction), p);
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_beta2), m, TLane.Broadcast(_gain2) * g);
    }
}
