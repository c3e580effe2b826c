using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests.Samplers;

public sealed class CostFrugalTests
{
    private static readonly SearchSpace Space = new(Parameter.IntegerLog("width", 4, 4096), Parameter.Log("rate", 1e-5, 1));

    [Fact]
    public void Cfo_BeginsAtTheCheapPoint()
    {
        ISampler sampler = SamplerCatalog.Create("cfo(cheap.width=4, cheap.rate=0.001)");
        TrialRecord first = SamplerRun.Ask(sampler, new TrialHistory(Space, [Direction.Minimize]))!;

        Assert.Equal(4, first.Configuration.Integer("width"));
        Assert.Equal(1e-3, first.Configuration.Number("rate"), 1e-9);
    }

    [Theory]
    [InlineData("cfo(cheap.width=4)")]
    [InlineData("blend_search(cheap.width=4)")]
    public void CostFrugal_SpendsLessThanTpeUntilItIsAsGood(string name)
    {
        // Width is the cost, and a small one is enough.
        static double Loss(Configuration c) => Math.Pow(Math.Log10(c.Number("rate")) + 2, 2) + Math.Pow(Math.Max(0, 5 - Math.Log2(c.Integer("width"))), 2);
        double Cost(string sampler)
        {
            double[] costs = [.. Enumerable.Range(0, 5).Select(seed =>
            {
                TrialHistory history = new(Space, [Direction.Minimize]);
                ISampler made = SamplerCatalog.Create(sampler);
                double cost = 0;
                for (int i = 0; i < 200; i++)
                {
                    TrialRecord trial = SamplerRun.Ask(made, history, seed)!;
                    trial.Duration = TimeSpan.FromSeconds(trial.Configuration.Integer("width"));
                    cost += trial.Duration.TotalSeconds;
                    double loss = Loss(trial.Configuration);
                    history.Finish(trial, TrialState.Complete, [loss]);
                    if (loss < 0.3)
                    {
                        break;
                    }
                }

                return cost;
            }).Order()];
            return costs[2];
        }

        Assert.True(Cost(name) < 0.5 * Cost("tpe"), $"{Cost(name)}, TPE {Cost("tpe")}");
    }

    [Fact]
    public void BlendSearch_WhoseThreadBecomesSlow_SearchesElsewhereToo()
    {
        // A small bowl where the thread begins, and a deeper one far away.
        static double Loss(Configuration c) => Math.Min(1 + Math.Pow(c.Number("x") - 0.55, 2), 20 * Math.Pow(c.Number("x") - 0.05, 2));
        SearchSpace space = new(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1));
        TrialHistory local = SamplerRun.Run(SamplerCatalog.Create("cfo"), space, 60, Loss), blended = SamplerRun.Run(SamplerCatalog.Create("blend_search"), space, 60, Loss);

        Assert.InRange(local.Best!.Objectives[0], 1, 1.1);
        Assert.All(local.Trials, static trial => Assert.NotNull(trial.Tag));
        Assert.InRange(blended.Best!.Objectives[0], 0, 0.9);
        Assert.InRange(blended.Trials.Count(static trial => trial.Tag is null), 5, 31);
    }

    [Fact]
    public void ACheapPointOfAnotherSpace_IsAnError()
    {
        TrialHistory history = new(Space, [Direction.Minimize]);

        Assert.Contains("names depth", Assert.Throws<SearchSpaceException>(() => SamplerRun.Ask(SamplerCatalog.Create("cfo(cheap.depth=4)"), history)).Message, StringComparison.Ordinal);
        Assert.Contains("width = 2", Assert.Throws<SearchSpaceException>(() => SamplerRun.Ask(SamplerCatalog.Create("cfo(cheap.width=2)"), history)).Message, StringComparison.Ordinal);
    }
}
