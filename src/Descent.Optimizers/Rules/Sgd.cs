using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Gradient descent, stochastic or on the full batch: θ ← θ − γ·g.
/// Robbins and Monro, "A Stochastic Approximation Method", 1951.
/// </summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0, the defaults of <c>torch.optim.SGD</c> (PyTorch 2.10).</summary>
    public SgdOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "sgd";

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => [];

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.Stateless(this, static scalars => new SgdRule(scalars));
}

internal readonly struct SgdRule(StepScalars scalars) : IUpdateRule0
{
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g) where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), g, p);
}
