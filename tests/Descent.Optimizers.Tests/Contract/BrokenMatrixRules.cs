namespace Descent.Optimizers.Tests.Contract;

/// <summary>Momentum over matrices with one fault each, to prove that the contract finds it.</summary>
internal sealed record BrokenMatrixOptions(string Fault) : MatrixOptions
{
    public override string Kind => "broken";

    public override IReadOnlyList<MatrixState> States => [new("mean"), new(Fault == "names" ? "mean" : "square", static (rows, _) => (rows, rows))];

    public override MatrixRule CreateRule() => new BrokenMatrixRule(Fault);
}

internal sealed class BrokenMatrixRule(string fault) : MatrixRule
{
    private int _calls;

    public override UpdateKernel CreateFront(MatrixOptions options) => fault switch
    {
        "forgets maximize" => base.CreateFront(options with { Maximize = false }),
        "scales twice" => UpdateKernel.OneState(new FrontPass { Maximize = options.Maximize }, static scalars => new ScalesTwice(scalars.GradientScale)),
        _ => base.CreateFront(options),
    };

    public override MatrixMove<TMatrix> Move<TMatrix>(IMatrixProvider<TMatrix> provider, MatrixStep<TMatrix> step)
    {
        _calls++;
        double[] seen = provider.Read(step.Gradient), mean = provider.Read(step.States[0]!);
        double all = seen.Sum();
        for (int i = 0; i < seen.Length; i++)
        {
            double g = fault switch
            {
                "drifts" => seen[i] + 1,
                "swallows nan" => double.IsFinite(seen[i]) ? seen[i] : 0,
                "mixes" => seen[i] + all,
                _ => seen[i],
            };
            mean[i] += 0.5 * (g - mean[i]);
        }

        provider.Write(step.States[0]!, mean);
        (_, long rows, long columns) = provider.ShapeOf(step.Gradient);
        return new(provider.Block(step.States[0]!, 0, rows, 0, columns), fault switch { "ascends" => -1, "hidden state" => 1.0 / _calls, _ => 1 });
    }
}

internal sealed record FrontPass : OptimizerOptions
{
    public override string Kind => "front";

    public override IReadOnlyList<StateTensor> State => [new("prepared")];

    public override UpdateKernel CreateKernel() => throw new NotSupportedException();
}

internal readonly struct ScalesTwice(double scale) : IUpdateRule1
{
    public void Update<TLane>(ref TLane p, TLane g, ref TLane prepared) where TLane : struct, ILane<TLane> => prepared = g * TLane.Broadcast(scale);
}
