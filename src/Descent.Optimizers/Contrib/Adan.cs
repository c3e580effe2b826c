using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Adan, Adam with Nesterov's momentum estimated from the change of the gradient, δ = gₜ − gₜ₋₁ (0 at first): m ← β₁m + (1−β₁)g, d ← β₂d + (1−β₂)δ,
/// v ← β₃v + (1−β₃)(g + β₂δ)², θ ← (θ − γ·[m/(1−β₁ᵗ) + β₂·d/(1−β₂ᵗ)]/(√(v/(1−β₃ᵗ)) + ε)) / (1 + γλ).
/// Xie et al., "Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models", 2022 (arXiv 2208.06677), algorithm 1; the bias corrections and the
/// meaning of β, one minus the paper's, are those of the authors' code.
/// </summary>
/// <remarks>In <c>Contrib/</c>: twice AdamW's state, and comparisons by others have not settled its place yet.</remarks>
public sealed record AdanOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor> States =
        [new("exp_avg"), new("exp_avg_diff"), new("exp_avg_sq") { NonNegative = true }, new("neg_pre_grad")];

    /// <summary>γ = 1e-3 and λ = 0, the defaults of the authors' code (sail-sg/Adan).</summary>
    public AdanOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "adan";

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.98 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.98;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of changes moves, and how much it counts. Default 0.92 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.92;

    /// <summary>β₃, 0 ≤ β₃ &lt; 1: how slowly the mean of squares moves. Default 0.99 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta3 { get; init => field = Require.Decay(value); } = 0.99;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>Decay by the proximal step, a division by 1 + γλ after the update; otherwise AdamW's factor 1 − γλ before it. Default true (the authors').</summary>
    public bool Proximal { get; init; } = true;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.FourStates(this, scalars => new AdanRule(this, scalars));
}

internal readonly struct AdanRule(AdanOptions options, StepScalars scalars) : IUpdateRule4
{
    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _beta2 = options.Beta2;
    private readonly double _gain2 = 1 - options.Beta2;
    private readonly double _beta3 = options.Beta3;
    private readonly double _gain3 = 1 - options.Beta3;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _seen = scalars.Step == 1 ? 0 : 1;
    private readonly double _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(options.Beta3, scalars.Step));
    private readonly double _gainOfMean = -scalars.LearningRate / (1 - Math.Pow(options.Beta1, scalars.Step));
    private readonly double _gainOfChange = -scalars.LearningRate * options.Beta2 / (1 - Math.Pow(options.Beta2, scalars.Step));
    private readonly double _before = options.Proximal ? 1 : 1 - (scalars.LearningRate * scalars.WeightDecay);
    private readonly double _after = options.Proximal ? 1 / (1 + (scalars.LearningRate * scalars.WeightDecay)) : 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane d, ref TLane v, ref TLane minusPrevious) where TLane : struct, ILane<TLane>
    {
        TLane beta2 = TLane.Broadcast(_beta2);
        TLane change = TLane.Broadcast(_seen) * (g + minusPrevious);
        TLane ahead = TLane.FusedMultiplyAdd(beta2, change, g);
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        d = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2), change - d, d);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain3) * ahead, ahead, TLane.Broadcast(_beta3) * v);
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        TLane direction = TLane.FusedMultiplyAdd(TLane.Broadcast(_gainOfChange), d, TLane.Broadcast(_gainOfMean) * m);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_before), p, direction / root) * TLane.Broadcast(_after);
        minusPrevious = TLane.Broadcast(0) - g;
    }
}
