namespace Descent.Optimizers;

/// <summary>
/// AdamW: θ ← (1 − γλ)·θ, then Adam's step without decay in the gradient.
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2, with the decay scaled by γ as in PyTorch.
/// </summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 1e-2, the defaults of <c>torch.optim.AdamW</c> (PyTorch 2.10; TorchSharp's λ is 0).</summary>
    public AdamWOptions()
    {
        LearningRate = 1e-3;
        WeightDecay = 1e-2;
    }

    /// <inheritdoc/>
    public override string Kind => "adamw";

    /// <inheritdoc/>
    public override bool DecoupledWeightDecay => true;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>Divide by the largest v so far, as <see cref="AdamOptions.AmsGrad"/>. Default false.</summary>
    public bool AmsGrad { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => AmsGrad ? AmsGradRule.State : AdamRule.State;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() =>
        AmsGrad
            ? UpdateKernel.ThreeStates(this, scalars => new AmsGradRule(Beta1, Beta2, Epsilon, scalars))
            : UpdateKernel.TwoStates(this, scalars => new AdamRule(Beta1, Beta2, Epsilon, scalars));
}
