using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Adam as some articles print it: only the second moment is corrected for its bias, so that early steps are shorter.
/// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², v̂ = v/(1−β₂ᵗ), θ ← θ − γ·m/(√v̂ + ε).
/// </summary>
/// <remarks>
/// It works as a warm-up of about 1/(1−β₁) steps. For the algorithm of Kingma and Ba take <see cref="AdamOptions"/>.
/// </remarks>
public sealed record ArticleAdamOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0, as <see cref="AdamOptions"/>.</summary>
    public ArticleAdamOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "adam_article";

    /// <summary>β₁, 0 ≤ β₁ &lt; 1. Default 0.9, as <see cref="AdamOptions"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1. Default 0.999, as <see cref="AdamOptions"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0, added after the correction. Default 1e-8, as <see cref="AdamOptions"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => AdamRule.State;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.TwoStates(this, scalars => new ArticleAdamRule(this, scalars));
}

internal readonly struct ArticleAdamRule(ArticleAdamOptions options, StepScalars scalars) : IUpdateRule2
{
    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _beta2 = options.Beta2;
    private readonly double _gain2 = 1 - options.Beta2;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step));
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v) where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), m / root, p);
    }
}
