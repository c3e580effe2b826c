using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests.Samplers;

public sealed class NsgaTests
{
    [Fact]
    public void Fronts_OfKnownPoints()
    {
        double[][] losses = [[1, 4], [2, 2], [4, 1], [2, 5], [3, 3], [5, 5]];

        Assert.Equal([0, 0, 0, 1, 1, 2], NonDominatedSort.Fronts(losses));
    }

    [Fact]
    public void Crowding_IsInfiniteAtTheEndsAndTheSumOfGapsBetween()
    {
        double[] distances = NonDominatedSort.Crowding([[0, 4], [1, 3], [2, 1], [4, 0]]);

        Assert.Equal([double.PositiveInfinity, (2.0 / 4) + (3.0 / 4), (3.0 / 4) + (3.0 / 4), double.PositiveInfinity], distances);
    }

    [Fact]
    public void Order_IsByFrontThenFromLonelyToCrowded()
    {
        int[] order = NonDominatedSort.Order([[5, 5], [1, 3], [0, 4], [4, 0], [2, 1]]);

        Assert.Equal([2, 3, 4, 1, 0], order);
    }

    [Fact]
    public void Nsga_OnTwoObjectives_CoversTheFront()
    {
        // Schaffer: the front is x from 0 to 2, f1 = x², f2 = (x − 2)²; y should be 0.
        SearchSpace space = new(Parameter.Uniform("x", -10, 10), Parameter.Uniform("y", 0, 1));
        static double[] Objectives(Configuration c) => [Math.Pow(c.Number("x"), 2) + c.Number("y"), -Math.Pow(c.Number("x") - 2, 2) - c.Number("y")];
        static double Distance(TrialRecord trial) => Math.Max(Math.Max(-trial.Configuration.Number("x"), trial.Configuration.Number("x") - 2), 0) + trial.Configuration.Number("y");
        TrialHistory history = new(space, [Direction.Minimize, Direction.Maximize]);
        SamplerRun.Run(new NsgaSampler { Population = 20 }, history, 300, Objectives);
        TrialRecord[] last = [.. history.Trials.Skip(260)];

        Assert.True(last.Average(Distance) < 0.3, $"{last.Average(Distance)}");
        Assert.Contains(last, static trial => trial.Configuration.Number("x") < 0.6);
        Assert.Contains(last, static trial => trial.Configuration.Number("x") > 1.4);
    }

    [Fact]
    public void Nsga_TakesWhatKeepsTheLimitsFirst()
    {
        SearchSpace space = new(Parameter.Uniform("x", 0, 1));
        TrialHistory history = new(space, [Direction.Minimize]);
        NsgaSampler sampler = new() { Population = 10, MutationProbability = 0 };
        for (int i = 0; i < 20; i++)
        {
            // The better x is, the more it breaks the limit beyond 0.5.
            TrialRecord trial = SamplerRun.Ask(sampler, history)!;
            double x = trial.Configuration.Number("x");
            history.Finish(trial, TrialState.Complete, [-x], violation: Math.Max(0, x - 0.5));
        }

        double[] children = [.. Enumerable.Range(0, 20).Select(_ => SamplerRun.Ask(sampler, history)!.Configuration.Number("x"))];

        Assert.True(children.Average() < 0.55, $"{children.Average()}");
    }
}
