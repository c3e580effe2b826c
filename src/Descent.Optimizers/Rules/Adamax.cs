using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// AdaMax: m ← β₁m + (1−β₁)g, u ← max(β₂u, |g| + ε), θ ← θ − γ/(1−β₁ᵗ) · m/u: Adam with the largest gradient of late in the place of the root mean square.
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 2; the ε inside the maximum is PyTorch's, the paper has none.
/// </summary>
public sealed record AdamaxOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor> States = [new("exp_avg"), new("exp_inf") { NonNegative = true }];

    /// <summary>γ = 2e-3 and λ = 0, the defaults of <c>torch.optim.Adamax</c> (PyTorch 2.10) and the paper's.</summary>
    public AdamaxOptions() => LearningRate = 2e-3;

    /// <inheritdoc/>
    public override string Kind => "adamax";

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the largest gradient is forgotten. Default 0.999 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0. Default 1e-8 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.TwoStates(this, scalars => new AdamaxRule(this, scalars));
}

internal readonly struct AdamaxRule(AdamaxOptions options, StepScalars scalars) : IUpdateRule2
{
    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _beta2 = options.Beta2;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _minusRate = -scalars.LearningRate / (1 - Math.Pow(options.Beta1, scalars.Step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane u) where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        u = TLane.Max(TLane.Broadcast(_beta2) * u, TLane.Abs(g) + TLane.Broadcast(_epsilon));
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), m / u, p);
    }
}
