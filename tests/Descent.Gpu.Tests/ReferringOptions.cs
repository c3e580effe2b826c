using Descent.Optimizers;

namespace Descent.Gpu.Tests;

/// <summary>Plain descent by a rule that keeps its options: fine on a processor, nothing for a card.</summary>
internal sealed record ReferringOptions : OptimizerOptions
{
    public ReferringOptions() => LearningRate = 0.1;

    public override string Kind => "referring";

    public override IReadOnlyList<StateTensor> State => [];

    public override UpdateKernel CreateKernel() => UpdateKernel.Stateless(this, scalars => new ReferringRule(this));
}

internal readonly struct ReferringRule(ReferringOptions options) : IUpdateRule0
{
    public void Update<TLane>(ref TLane p, TLane g) where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(-options.LearningRate), g, p);
}
