using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Adam: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − γ·m̂/(√v̂ + ε), with m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ).
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1. Weight decay is added to the gradient, as in PyTorch.
/// </summary>
public sealed record AdamOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0, the defaults of <c>torch.optim.Adam</c> (PyTorch 2.10).</summary>
    public AdamOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => AmsGrad ? "amsgrad" : "adam";

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>
    /// Divide by the root of the largest v so far, so that the step never grows again. Default false.
    /// Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond", 2018, algorithm 2; as in PyTorch the maximum is of the raw v and
    /// corrected afterwards.
    /// </summary>
    public bool AmsGrad { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => AmsGrad ? AmsGradRule.State : AdamRule.State;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() =>
        AmsGrad
            ? UpdateKernel.ThreeStates(this, scalars => new AmsGradRule(Beta1, Beta2, Epsilon, scalars))
            : UpdateKernel.TwoStates(this, scalars => new AdamRule(Beta1, Beta2, Epsilon, scalars));
}

internal readonly struct AdamRule(double beta1, double beta2, double epsilon, StepScalars scalars) : IUpdateRule2
{
    public static readonly IReadOnlyList<StateTensor> State = [new("exp_avg"), new("exp_avg_sq") { NonNegative = true }];

    private readonly double _gain1 = 1 - beta1;
    private readonly double _beta2 = beta2;
    private readonly double _gain2 = 1 - beta2;
    private readonly double _epsilon = epsilon;
    private readonly double _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(beta2, scalars.Step));
    private readonly double _minusRate = -scalars.LearningRate / (1 - Math.Pow(beta1, scalars.Step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v) where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), m / root, p);
    }
}
