using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// NAdam, Adam with Nesterov's look-ahead: m and v as Adam's, μₜ = β₁(1 − ½·0.96^{tψ}), Pₜ = μ₁·…·μₜ,
/// θ ← θ − γ·[(1−μₜ)/(1−Pₜ)·g + μₜ₊₁/(1−Pₜμₜ₊₁)·m] / (√(v/(1−β₂ᵗ)) + ε).
/// Dozat, "Incorporating Nesterov Momentum into Adam", 2016, algorithm 2, with PyTorch's schedule of μ. NAdamW is the same with decoupled decay.
/// </summary>
/// <remarks>
/// <para>A large ψ, such as 1e6, makes μ = β₁ from the first step on: the form that Optax has and that is the baseline of AlgoPerf (Dahl et al., 2023).</para>
/// <para>One deviation from PyTorch: it keeps Pₜ in a float32 for every parameter; here it is computed from t alone, in double, and needs no state.</para>
/// </remarks>
public sealed record NAdamOptions : OptimizerOptions
{
    /// <summary>γ = 2e-3 and λ = 0, the defaults of <c>torch.optim.NAdam</c> (PyTorch 2.10). The catalog's <c>nadamw</c> has λ = 1e-2, AdamW's.</summary>
    public NAdamOptions() => LearningRate = 2e-3;

    /// <inheritdoc/>
    public override string Kind => DecoupledDecay ? "nadamw" : "nadam";

    /// <summary>Decay the parameter itself, θ ← (1 − γλ)·θ before the step, instead of adding λ·θ to the gradient. Default false.</summary>
    public bool DecoupledDecay { get; init; }

    /// <inheritdoc/>
    public override bool DecoupledWeightDecay => DecoupledDecay;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>ψ, at least 0: how fast the look-ahead rises from ½β₁ to β₁. Default 4e-3 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double MomentumDecay { get; init => field = Require.AtLeastZero(value); } = 4e-3;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => AdamRule.State;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.TwoStates(this, scalars => new NAdamRule(this, scalars));
}

internal readonly struct NAdamRule : IUpdateRule2
{
    private readonly double _gain1;
    private readonly double _beta2;
    private readonly double _gain2;
    private readonly double _epsilon;
    private readonly double _rootCorrection;
    private readonly double _gainOfG;
    private readonly double _gainOfM;

    public NAdamRule(NAdamOptions options, StepScalars scalars)
    {
        _gain1 = 1 - options.Beta1;
        _beta2 = options.Beta2;
        _gain2 = 1 - options.Beta2;
        _epsilon = options.Epsilon;
        _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step));
        NAdamMomentum momentum = new(options.Beta1, options.MomentumDecay);
        double product = momentum.Product(scalars.Step);
        double next = momentum.At(scalars.Step + 1);
        _gainOfG = -scalars.LearningRate * (1 - momentum.At(scalars.Step)) / (1 - product);
        _gainOfM = -scalars.LearningRate * next / (1 - (product * next));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v) where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        p += TLane.FusedMultiplyAdd(TLane.Broadcast(_gainOfM), m, TLane.Broadcast(_gainOfG) * g) / root;
    }
}
