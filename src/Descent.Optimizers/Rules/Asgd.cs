using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Averaged SGD: ηₜ = γ/(1 + κγ(t−1))^α, θ ← (1 − ηₜλ)·θ − ηₜ·g, and the mean of all θ from step t₀ on, a ← a + μₜ(θ − a) with μₜ = 1/max(1, t − 1 − t₀).
/// Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992, with the rate of Bottou, "Large-Scale Machine Learning with
/// Stochastic Gradient Descent", 2010; as in PyTorch.
/// </summary>
/// <remarks>
/// <para>Instead of a the state holds a − θ, which is small where a is not: narrow storage serves it well, and it is 0 until averaging begins. Measure and save the
/// model at a = θ + (a − θ), the <see cref="EvaluationPoint"/>.</para>
/// <para>Two deviations from PyTorch: its one number <c>lambd</c> is λ and κ here, and where a schedule turns γ, PyTorch's ηₜ is still made from the step before's.</para>
/// </remarks>
public sealed record AsgdOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor> States = [new("ax_minus_param")];

    /// <summary>γ = 1e-2 and λ = 1e-4, the defaults of <c>torch.optim.ASGD</c> (PyTorch 2.10), which calls λ <c>lambd</c>.</summary>
    public AsgdOptions()
    {
        LearningRate = 1e-2;
        WeightDecay = 1e-4;
    }

    /// <inheritdoc/>
    public override string Kind => "asgd";

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>κ, at least 0: how fast the rate falls. Default 1e-4 (PyTorch's <c>lambd</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double RateDecay { get; init => field = Require.AtLeastZero(value); } = 1e-4;

    /// <summary>α, at least 0: the power of the rate's fall; a mean needs one below 1. Default 0.75 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Power { get; init => field = Require.AtLeastZero(value); } = 0.75;

    /// <summary>t₀, at least 0: the steps before averaging begins. Default 1,000,000 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double AveragingStart { get; init => field = Require.AtLeastZero(value); } = 1e6;

    /// <inheritdoc/>
    public override EvaluationPoint? EvaluationPoint => new(States[0].Name, 1);

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.OneState(this, scalars => new AsgdRule(this, scalars));

    /// <summary>ηₜ.</summary>
    internal double Rate(in StepScalars scalars) =>
        scalars.LearningRate / Math.Pow(1 + (RateDecay * scalars.LearningRate * (scalars.Step - 1)), Power);
}

internal readonly struct AsgdRule(AsgdOptions options, StepScalars scalars) : IUpdateRule1
{
    private readonly double _minusRate = -options.Rate(scalars);
    private readonly double _decay = scalars.WeightDecay;
    private readonly double _forget = 1 - (1 / Math.Max(1, scalars.Step - 1 - options.AveragingStart));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane d) where TLane : struct, ILane<TLane>
    {
        // a − θ' = (1−μ)·((a − θ) + (θ − θ'))
        TLane before = p;
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), TLane.FusedMultiplyAdd(TLane.Broadcast(_decay), p, g), p);
        d = TLane.Broadcast(_forget) * (d + (before - p));
    }
}
