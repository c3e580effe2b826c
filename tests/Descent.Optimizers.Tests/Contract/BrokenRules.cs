namespace Descent.Optimizers.Tests.Contract;

/// <summary>Optimizers with one fault each, to prove that the contract finds it.</summary>
internal sealed record BrokenOptions(string Fault) : OptimizerOptions
{
    public override string Kind => "broken";

    public override IReadOnlyList<StateTensor> State => Fault == "names" ? [new("same"), new("same")] : [new("buffer"), new("other")];

    public override UpdateKernel CreateKernel()
    {
        int calls = 0;
        return TwoStates(this, scalars => new BrokenRule(Fault, scalars, ++calls));
    }

    private static UpdateKernel TwoStates(BrokenOptions options, Func<StepScalars, BrokenRule> create) => UpdateKernel.TwoStates(options, create);
}

internal readonly struct BrokenRule(string fault, StepScalars scalars, int calls) : IUpdateRule2
{
    public void Update<TLane>(ref TLane p, TLane g, ref TLane a, ref TLane b) where TLane : struct, ILane<TLane>
    {
        double rate = fault switch
        {
            "ascends" => scalars.LearningRate,
            "hidden state" => -scalars.LearningRate / calls,
            "width" when typeof(TLane).Name.StartsWith("ScalarLane", StringComparison.Ordinal) => -scalars.LearningRate * 1.01,
            _ => -scalars.LearningRate,
        };
        TLane direction = fault switch
        {
            "swallows nan" => TLane.Sign(TLane.Max(TLane.Broadcast(0), TLane.Sign(g) * TLane.Broadcast(0.0))),
            "drifts" => g + TLane.Broadcast(1),
            "one-sided" => TLane.Max(g, TLane.Broadcast(0)),
            "scales twice" => g * TLane.Broadcast(scalars.GradientScale),
            "cancels" => (g + TLane.Broadcast(1e8)) - TLane.Broadcast(1e8),
            _ => g,
        };
        if (fault == "allocates")
        {
            GC.KeepAlive(new object());
        }

        p = TLane.FusedMultiplyAdd(TLane.Broadcast(rate), direction, p);
        a = g;
    }
}
