using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// RAdam: m and v as Adam's, ρ∞ = 2/(1−β₂) − 1, ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ). Once ρₜ &gt; 5, which with β₂ = 0.999 is so from the sixth step on,
/// θ ← θ − γ·r·m̂·√(1−β₂ᵗ)/(√v + ε) with r = √((ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ)); before that θ ← θ − γ·m̂. The rectification r takes the place of a warm-up.
/// Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2020 (arXiv 1908.03265), algorithm 2.
/// </summary>
/// <remarks>As in PyTorch, the threshold is 5 where the paper has 4, and ε stands beside the uncorrected root.</remarks>
public sealed record RAdamOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0, the defaults of <c>torch.optim.RAdam</c> (PyTorch 2.10; TorchSharp's γ is 2e-3).</summary>
    public RAdamOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "radam";

    /// <summary>Decay the parameter itself, θ ← (1 − γλ)·θ before the step, as AdamW does, instead of adding λ·θ to the gradient. Default false (PyTorch's).</summary>
    public bool DecoupledDecay { get; init; }

    /// <inheritdoc/>
    public override bool DecoupledWeightDecay => DecoupledDecay;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves, and how long the rate rises. Default 0.999 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added before bias correction. Default 1e-8 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => AdamRule.State;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.TwoStates(this, scalars => new RAdamRule(this, scalars));
}

internal readonly struct RAdamRule : IUpdateRule2
{
    private readonly double _gain1;
    private readonly double _beta2;
    private readonly double _gain2;
    private readonly double _rootGain = 0;
    private readonly double _epsilon = 1; // before the rectification the divisor is 0·√v + 1
    private readonly double _minusRate;

    public RAdamRule(RAdamOptions options, StepScalars scalars)
    {
        _gain1 = 1 - options.Beta1;
        _beta2 = options.Beta2;
        _gain2 = 1 - options.Beta2;
        _minusRate = -scalars.LearningRate / (1 - Math.Pow(options.Beta1, scalars.Step));
        Rectification rectification = new(options.Beta2, scalars.Step);
        if (rectification.Length > 5)
        {
            (_rootGain, _epsilon) = (1, options.Epsilon);
            _minusRate *= rectification.Factor * Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v) where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        TLane root = TLane.FusedMultiplyAdd(TLane.Broadcast(_rootGain), TLane.Sqrt(v), TLane.Broadcast(_epsilon));
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), m / root, p);
    }
}

/// <summary>How much of its variance Adam's rate has lost at a step.</summary>
internal readonly struct Rectification(double beta2, long step)
{
    private readonly double _limit = (2 / (1 - beta2)) - 1;

    /// <summary>ρₜ, the length of a simple mean as wide as the mean of squares; at most ρ∞.</summary>
    public double Length => _limit - (2 * step * Math.Pow(beta2, step) / (1 - Math.Pow(beta2, step)));

    /// <summary>r; means something where <see cref="Length"/> is above 4.</summary>
    public double Factor => Math.Sqrt((Length - 4) * (Length - 2) * _limit / ((_limit - 4) * (_limit - 2) * Length));
}
