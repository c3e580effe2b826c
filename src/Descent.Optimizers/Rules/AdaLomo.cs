namespace Descent.Optimizers;

/// <summary>
/// AdaLomo: with means R over rows and C over columns of g² + ε₁, β₂ = 1 − t^−0.8, V = RC/mean R, U = g/√V, α = γ·max(ε₂, RMS θ),
/// θ ← (1 − αλ)θ − α·U/max(1, RMS(U)/d). Lv et al., "AdaLomo: Low-memory Optimization with Adaptive Learning Rate", 2024 (arXiv 2310.10195), algorithm 1.
/// </summary>
/// <remarks>
/// <para>Adafactor's factored mean of squares and grouped normalisation, without its bound on the rate: every parameter tensor is a group of its own. It is made for an
/// update inside backward, where the gradient of one layer is alive at a time; as a rule of its own it is the same step, from gradients that are all there. As in the
/// authors' code decay is scaled by the parameter's RMS too. Tensors of more than two dimensions, which it doesn't serve, are batches of matrices, as Adafactor's.</para>
/// </remarks>
public sealed record AdaLomoOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0, the defaults of the authors' code.</summary>
    public AdaLomoOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "adalomo";

    /// <inheritdoc/>
    public override UpdateScope Scope => UpdateScope.Tensor;

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>The exponent of β₂ = 1 − t^this, at most 0. Default −0.8 (the authors' <c>decay_rate</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Above 0 or not finite.</exception>
    public double Beta2Decay { get; init => field = value is <= 0 and > double.NegativeInfinity ? value : throw Require.Outside(nameof(Beta2Decay), value, "a finite number of at most 0"); } = -0.8;

    /// <summary>ε₁, above 0, added to every squared gradient. Default 1e-30 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Epsilon1 { get; init => field = Require.Positive(value); } = 1e-30;

    /// <summary>ε₂, at least 0: the smallest RMS that the rate is relative to. Default 1e-3 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon2 { get; init => field = Require.AtLeastZero(value); } = 1e-3;

    /// <summary>d, above 0: a direction of a larger RMS is scaled down to it. Default 1 (the authors' <c>clip_threshold</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double ClipThreshold { get; init => field = Require.Positive(value); } = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => FactoredState.Tensors;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => new FactoredKernel<FactoredRule>(
        this,
        (scalars, _) => new FactoredRule(Settings(scalars)),
        new TensorKernel<UnfactoredRule>(this, (scalars, _) => new UnfactoredRule(Settings(scalars))));

    private FactoredSettings Settings(in StepScalars scalars) => new()
    {
        Gain = Math.Pow(scalars.Step, Beta2Decay),
        AddedSquare = Epsilon1,
        RelativeRate = scalars.LearningRate,
        SmallestScale = Epsilon2,
        ClipThreshold = ClipThreshold,
        DecayOfScaledRate = scalars.WeightDecay,
    };
}
