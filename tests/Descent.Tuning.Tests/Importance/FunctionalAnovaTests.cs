using Descent.Tuning.Importance;
using Descent.Tuning.Samplers;
using Descent.Tuning.Tests.Samplers;

namespace Descent.Tuning.Tests.Importance;

public sealed class FunctionalAnovaTests
{
    [Fact]
    public void MainEffects_OfAnAdditiveFunction_AreItsVariances()
    {
        // 3x has the variance 9/12, y² has 4/45, a fair choice of 0 or 1 has 1/4; z does nothing.
        SearchSpace space = new(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1), Parameter.Choice("kind", "a", "b"), Parameter.Uniform("z", 0, 1));
        FunctionalAnova anova = Of(space, 800, static c => (3 * c.Number("x")) + Math.Pow(c.Number("y"), 2) + (c.Text("kind") == "a" ? 0 : 1));
        double total = 0.75 + (4.0 / 45) + 0.25;
        IReadOnlyList<ParameterImportance> effects = anova.MainEffects();

        Assert.Equal(["x", "kind", "y", "z"], effects.Select(static effect => effect.Parameters.Single()));
        Assert.Equal(0.75 / total, effects[0].Share, 0.04);
        Assert.Equal(0.25 / total, effects[1].Share, 0.04);
        Assert.Equal(4.0 / 45 / total, effects[2].Share, 0.04);
        Assert.InRange(effects[3].Share, 0, 0.02);
        Assert.All(anova.Interactions(), static pair => Assert.InRange(pair.Share, 0, 0.03));
    }

    [Fact]
    public void Interactions_OfAProduct_AreWhatThePartsDoNotExplain()
    {
        // (x − ½)(y − ½) has no main effects at all.
        SearchSpace space = new(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1), Parameter.Uniform("z", 0, 1));
        FunctionalAnova anova = Of(space, 1000, static c => Math.Sign(c.Number("x") - 0.5) * Math.Sign(c.Number("y") - 0.5));

        Assert.All(anova.MainEffects(), static effect => Assert.InRange(effect.Share, 0, 0.12));
        ParameterImportance first = anova.Interactions()[0];
        Assert.Equal(["x", "y"], first.Parameters);
        Assert.True(first.Share > 0.7, first.ToString());
    }

    [Fact]
    public void Marginal_IsTheMeanOverTheOthers()
    {
        SearchSpace space = new(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1));
        FunctionalAnova anova = Of(space, 500, static c => c.Number("x") + (2 * c.Number("y")));
        (double Mean, double Deviation)[] marginal = anova.Marginal("x", [0.1, 0.5, 0.9, 1]);

        Assert.Equal(1.1, marginal[0].Mean, 0.1);
        Assert.Equal(1.5, marginal[1].Mean, 0.1);
        Assert.Equal(1.9, marginal[2].Mean, 0.1);
        Assert.Equal(2, marginal[3].Mean, 0.1);
        Assert.Contains("There are: x, y", Assert.Throws<ArgumentException>(() => anova.Marginal("z", [0.5])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WorstQuantile_LeavesDisastersOut()
    {
        // Beyond 0.8 of x all is lost; elsewhere y alone matters.
        SearchSpace space = new(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1));
        TrialHistory history = SamplerRun.Run(new RandomSampler(), space, 400, static c => c.Number("x") > 0.8 ? 100 : c.Number("y"));

        Assert.Equal("x", FunctionalAnova.Of(history)!.MainEffects()[0].Parameters.Single());
        Assert.True(FunctionalAnova.Of(history, worstQuantile: 0.5)!.MainEffects().First(static effect => effect.Parameters.Single() == "y").Share > FunctionalAnova.Of(history)!.MainEffects().First(static effect => effect.Parameters.Single() == "y").Share + 0.2);
    }

    [Fact]
    public void Of_MaximizedAndSeveralObjectives_TakesTheOneAskedFor()
    {
        SearchSpace space = new(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1));
        TrialHistory history = new(space, [Direction.Maximize, Direction.Minimize]);
        SamplerRun.Run(new RandomSampler(), history, 200, static c => [c.Number("x"), c.Number("y")]);

        Assert.Equal("x", FunctionalAnova.Of(history)!.MainEffects()[0].Parameters.Single());
        Assert.Equal("y", FunctionalAnova.Of(history, objective: 1)!.MainEffects()[0].Parameters.Single());
        Assert.Throws<ArgumentOutOfRangeException>(() => FunctionalAnova.Of(history, objective: 2));
    }

    [Fact]
    public void Of_TooFewOrEqualTrials_IsNone()
    {
        SearchSpace space = new(Parameter.Uniform("x", 0, 1));

        Assert.Null(FunctionalAnova.Of(SamplerRun.Run(new RandomSampler(), space, 3, static c => c.Number("x"))));
        Assert.Null(FunctionalAnova.Of(SamplerRun.Run(new RandomSampler(), space, 30, static _ => 1)));
        Assert.Equal(
            FunctionalAnova.Of(SamplerRun.Run(new RandomSampler(), space, 30, static c => c.Number("x")), seed: 4)!.MainEffects().Select(static effect => effect.Share),
            FunctionalAnova.Of(SamplerRun.Run(new RandomSampler(), space, 30, static c => c.Number("x")), seed: 4)!.MainEffects().Select(static effect => effect.Share));
    }

    private static FunctionalAnova Of(SearchSpace space, int trials, Func<Configuration, double> loss) =>
        FunctionalAnova.Of(SamplerRun.Run(new RandomSampler(), space, trials, loss))!;
}
