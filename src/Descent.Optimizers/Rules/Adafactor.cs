namespace Descent.Optimizers;

/// <summary>
/// Adafactor: with means R over rows and C over columns of g², β̂₂ = 1 − t^τ, V = RC/max(mean R, ε₁), U = g/max(√V, ε₁), α = max(ε₂, RMS θ)·min(γ, 1/√t),
/// θ ← (1 − γλ)θ − α·U/max(1, RMS(U)/d). Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", 2018, algorithm 4.
/// </summary>
/// <remarks>
/// <para>This is PyTorch's form (<c>torch.optim.Adafactor</c>, 2.10): γ bounds the relative rate that the paper fixes at 0.01, ε₁ bounds V from below where the paper
/// adds it to g², and decay is decoupled. The paper's momentum, which PyTorch's form leaves out, is <see cref="Beta1"/>. The last two dimensions are factored, as in PyTorch, those before them are a batch; a parameter of
/// fewer dimensions keeps all of V. In bfloat16 and half, ε₁'s default is that of float, in which they are computed.</para>
/// <para>Three passes: R, C and RMS θ; RMS U; the update. 1/√V is taken as min(√(mean R/R)·(1/√C), 1/ε₁), the same number from one product.</para>
/// </remarks>
public sealed record AdafactorOptions : OptimizerOptions
{
    /// <summary>γ = 1e-2 and λ = 0, the defaults of <c>torch.optim.Adafactor</c> (PyTorch 2.10).</summary>
    public AdafactorOptions() => LearningRate = 1e-2;

    /// <inheritdoc/>
    public override string Kind => "adafactor";

    /// <inheritdoc/>
    public override UpdateScope Scope => UpdateScope.Tensor;

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>
    /// β₁, 0 ≤ β₁ &lt; 1, of the paper's momentum: a mean of the moves, rate and clipping included, takes the place of the move: m ← β₁m + (1−β₁)·α·U/max(1, RMS(U)/d),
    /// θ ← (1 − γλ)θ − m, as in fairseq and Optax. It keeps 4 bytes a parameter; at 0 there is none. Default 0 (PyTorch's).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); }

    /// <summary>τ, at most 0: β̂₂ = 1 − t^τ. Default −0.8 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Above 0 or not finite.</exception>
    public double Beta2Decay { get; init => field = value is <= 0 and > double.NegativeInfinity ? value : throw Require.Outside(nameof(Beta2Decay), value, "a finite number of at most 0"); } = -0.8;

    /// <summary>ε₁, above 0: the smallest √V. Default none: the machine epsilon of the parameter's type (PyTorch's), 1.2e-7 for float.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double? Epsilon1 { get; init => field = value is { } given ? Require.Positive(given) : null; }

    /// <summary>ε₂, at least 0: the smallest RMS that the rate is relative to, so that parameters at 0 move. Default 1e-3 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon2 { get; init => field = Require.AtLeastZero(value); } = 1e-3;

    /// <summary>d, above 0: a direction of a larger RMS is scaled down to it. Default 1 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double ClipThreshold { get; init => field = Require.Positive(value); } = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => Beta1 > 0 ? FactoredState.WithMomentum : FactoredState.Tensors;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => Beta1 > 0
        ? new FactoredKernel<FactoredMomentumRule>(
            this,
            (scalars, type) => new FactoredMomentumRule(Settings(scalars, type), Beta1),
            new TensorKernel<UnfactoredMomentumRule>(this, (scalars, type) => new UnfactoredMomentumRule(Settings(scalars, type), Beta1)))
        : new FactoredKernel<FactoredRule>(
            this,
            (scalars, type) => new FactoredRule(Settings(scalars, type)),
            new TensorKernel<UnfactoredRule>(this, (scalars, type) => new UnfactoredRule(Settings(scalars, type))));

    private FactoredSettings Settings(in StepScalars scalars, ElementType type) => new()
    {
        Gain = Math.Pow(scalars.Step, Beta2Decay),
        SmallestMean = Epsilon1 ?? MachineEpsilon(type),
        SmallestRoot = Epsilon1 ?? MachineEpsilon(type),
        RelativeRate = Math.Min(scalars.LearningRate, 1 / Math.Sqrt(scalars.Step)),
        SmallestScale = Epsilon2,
        ClipThreshold = ClipThreshold,
        Decay = scalars.LearningRate * scalars.WeightDecay,
    };

    private static double MachineEpsilon(ElementType type) => type == ElementType.Float32 ? Math.ScaleB(1, -23) : Math.ScaleB(1, -52);
}
