using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// AdEMAMix: AdamW with a second, slow mean of gradients beside the fast one: m₁ ← β₁m₁ + (1−β₁)g, m₂ ← β₃m₂ + (1−β₃)g, v ← β₂v + (1−β₂)g²,
/// θ ← (1 − γλ)·θ − γ·(m₁/(1−β₁ᵗ) + αm₂)/(√(v/(1−β₂ᵗ)) + ε). m₂ is not corrected for its bias.
/// Pagliardini, Ablin and Grangier, "The AdEMAMix Optimizer: Better, Faster, Older", 2024 (arXiv 2409.03137), algorithm 1.
/// </summary>
/// <remarks>
/// α and β₃ are to be warmed up over as many steps as the run has (the paper's advice): α rises in a straight line, and β₃ from β₁ so that its half-life does,
/// β₃(t) = exp(1/((1−t/T)/ln β₁ + (t/T)/ln β₃)). Without the warm-up early training is apt to diverge.
/// </remarks>
public sealed record AdEMAMixOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor> States = [new("exp_avg_fast"), new("exp_avg_slow"), new("exp_avg_sq") { NonNegative = true }];

    /// <summary>γ = 1e-3 and λ = 0, the defaults of the authors' code (apple/ml-ademamix).</summary>
    public AdEMAMixOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "ademamix";

    /// <inheritdoc/>
    public override bool DecoupledWeightDecay => true;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the fast mean of gradients moves. Default 0.9 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>β₃, 0 ≤ β₃ &lt; 1: how slowly the slow mean of gradients moves. Default 0.9999 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta3 { get; init => field = Require.Decay(value); } = 0.9999;

    /// <summary>α, at least 0: the weight of the slow mean. Default 5 (the paper's experiments have 4 to 10; the code's default is 2).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Alpha { get; init => field = Require.AtLeastZero(value); } = 5;

    /// <summary>Steps over which α rises from 0, at least 0; best the run's. Default 0 (the code's): none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long AlphaWarmupSteps { get; init => field = Require.AtLeast(0L, value); }

    /// <summary>Steps over which β₃ rises from β₁, at least 0; best the run's. Default 0 (the code's): none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long Beta3WarmupSteps { get; init => field = Require.AtLeast(0L, value); }

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.ThreeStates(this, scalars => new AdEMAMixRule(this, scalars));

    /// <summary>α of a step.</summary>
    internal double AlphaAt(long step) => step < AlphaWarmupSteps ? Alpha * step / AlphaWarmupSteps : Alpha;

    /// <summary>β₃ of a step.</summary>
    internal double Beta3At(long step)
    {
        if (step >= Beta3WarmupSteps)
        {
            return Beta3;
        }

        double done = (double)step / Beta3WarmupSteps;
        return Math.Min(Beta3, Math.Exp(1 / (((1 - done) / Math.Log(Beta1)) + (done / Math.Log(Beta3)))));
    }
}

internal readonly struct AdEMAMixRule(AdEMAMixOptions options, StepScalars scalars) : IUpdateRule3
{
    private readonly double _gain1 = 1 - options.Beta1;
    private readonly double _beta2 = options.Beta2;
    private readonly double _gain2 = 1 - options.Beta2;
    private readonly double _gain3 = 1 - options.Beta3At(scalars.Step);
    private readonly double _epsilon = options.Epsilon;
    private readonly double _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step));
    private readonly double _gainOfFast = -scalars.LearningRate / (1 - Math.Pow(options.Beta1, scalars.Step));
    private readonly double _gainOfSlow = -scalars.LearningRate * options.AlphaAt(scalars.Step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane fast, ref TLane slow, ref TLane v) where TLane : struct, ILane<TLane>
    {
        fast = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - fast, fast);
        slow = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain3), g - slow, slow);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        p += TLane.FusedMultiplyAdd(TLane.Broadcast(_gainOfSlow), slow, TLane.Broadcast(_gainOfFast) * fast) / root;
    }
}
