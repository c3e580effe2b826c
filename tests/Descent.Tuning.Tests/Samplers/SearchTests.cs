using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests.Samplers;

/// <summary>What every sampler that learns has to show: it finds what random search doesn't, the same again with the same seed, and with conditions.</summary>
public sealed class SearchTests
{
    private static readonly SearchSpace Bowl = new(Parameter.Uniform("x", -5, 5), Parameter.Log("rate", 1e-5, 1), Parameter.Integer("n", 0, 20));

    private static readonly SearchSpace Conditional = new(
        Parameter.Choice("kind", "a", "b", "c"),
        Parameter.Uniform("x", 0, 1).When("kind == a"),
        Parameter.Uniform("y", 0, 1).When("kind == b"),
        Parameter.Integer("z", 0, 9).When("kind == c"));

    public static TheoryData<string> Learning => ["portfolio", "tpe", "tpe(multivariate=true)", "tpe(multivariate=true,group=false)", "gp", "cmaes", "cfo", "blend_search", "nsga2(population=10)"];

    private static double InBowl(Configuration c) =>
        Math.Pow(c.Number("x") - 1, 2) + Math.Pow(Math.Log10(c.Number("rate")) + 3, 2) + (0.05 * Math.Pow(c.Integer("n") - 7, 2));

    private static double OfKind(Configuration c) => c.Text("kind") switch
    {
        "a" => 1 + Math.Abs(c.Number("x") - 0.5),
        "b" => Math.Pow(c.Number("y") - 0.7, 2),
        _ => 0.5 + c.Integer("z"),
    };

    [Theory]
    [MemberData(nameof(Learning))]
    public void Search_BeatsChance(string sampler)
    {
        double[] found = [.. Enumerable.Range(0, 5).Select(seed => Best(SamplerRun.Run(SamplerCatalog.Create(sampler), Bowl, 80, InBowl, seed))).Order()];
        double[] chance = [.. Enumerable.Range(0, 15).Select(seed => Best(SamplerRun.Run(new RandomSampler(), Bowl, 80, InBowl, seed))).Order()];

        Assert.True(found[2] < chance[7], $"the median of five studies is {found[2]}, by chance {chance[7]}");
    }

    [Theory]
    [MemberData(nameof(Learning))]
    public void Search_InAConditionalSpace_FindsTheBranch(string sampler)
    {
        TrialHistory history = SamplerRun.Run(SamplerCatalog.Create(sampler), Conditional, 100, OfKind, 1);

        Assert.Equal("b", history.Best!.Configuration.Text("kind"));
        Assert.True(Best(history) < 0.01, $"{Best(history)}");
    }

    [Theory]
    [MemberData(nameof(Learning))]
    public void Search_WithTheSameSeed_IsTheSame(string sampler)
    {
        TrialHistory[] histories = [.. new long[] { 3, 3, 4 }.Select(seed => SamplerRun.Run(SamplerCatalog.Create(sampler), Bowl, 40, InBowl, seed))];

        Assert.Equal(histories[0].Trials.Select(static trial => trial.Configuration), histories[1].Trials.Select(static trial => trial.Configuration));
        Assert.NotEqual(histories[0].Trials.Select(static trial => trial.Configuration), histories[2].Trials.Select(static trial => trial.Configuration));
    }

    [Fact]
    public void GaussianProcess_OnASmoothFunction_GoesToTheBottom()
    {
        TrialHistory history = SamplerRun.Run(new GaussianProcessSampler(), new SearchSpace(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1)), 30, static c =>
            Math.Pow(c.Number("x") - 0.62, 2) + (2 * Math.Pow(c.Number("y") - 0.27, 2)));

        Assert.True(Best(history) < 1e-4, $"{Best(history)}");
    }

    [Fact]
    public void GaussianProcess_BeyondItsMaximum_LearnsFromTheBestAndTheNewest()
    {
        SearchSpace space = new(Parameter.Uniform("x", 0, 1));
        TrialHistory history = SamplerRun.Run(new RandomSampler(), space, 60, static c => Math.Abs(c.Number("x") - 0.3));
        GaussianProcessSampler sampler = new() { MaximumTrials = 20 };
        SamplerRun.Run(sampler, history, 20, static c => [Math.Abs(c.Number("x") - 0.3)]);

        double[] distances = [.. history.Trials.Skip(60).Select(static trial => Math.Abs(trial.Configuration.Number("x") - 0.3)).Order()];
        Assert.True(distances[10] < 0.1, $"{distances[10]}");
    }

    [Fact]
    public void CmaEs_OnARotatedValley_AdaptsItsShape()
    {
        SearchSpace space = new(Parameter.Uniform("x", -1, 1), Parameter.Uniform("y", -1, 1));
        static double Valley(Configuration c) => Math.Pow(c.Number("x") + c.Number("y") - 0.4, 2) + (0.01 * Math.Pow(c.Number("x") - c.Number("y") - 0.2, 2));
        TrialHistory history = SamplerRun.Run(new CmaEsSampler(), space, 300, Valley);

        Assert.True(Best(history) < 1e-6, $"{Best(history)}");
    }

    [Fact]
    public void CmaEs_ThatHasConverged_RestartsElsewhereWithALargerPopulation()
    {
        // A plateau: no loss ever changes.
        TrialHistory history = SamplerRun.Run(new CmaEsSampler { Population = 4 }, new SearchSpace(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1)), 400, static c =>
            Math.Max(0.1, Math.Abs(c.Number("x") - 0.5)));
        double[] ys = [.. history.Trials.Select(static trial => trial.Configuration.Number("x"))];

        // By then the first distribution's draws are on the plateau; the restart begins at random.
        Assert.Contains(ys[120..], static x => Math.Abs(x - 0.5) > 0.3);
    }

    [Fact]
    public void CmaEs_WithForeignTags_TakesTheirPoints()
    {
        SearchSpace space = new(Parameter.Uniform("x", 0, 1));
        TrialHistory history = new(space, [Direction.Minimize]);
        for (int i = 0; i < 40; i++)
        {
            SamplerRun.Tell(history, [0.9], 0, "cma AAAA");
        }

        SamplerRun.Run(new CmaEsSampler(), history, 10, static _ => [1]);

        Assert.True(history.Trials.Skip(40).Average(static trial => trial.Configuration.Number("x")) > 0.6);
    }

    [Fact]
    public void Tpe_WithAConstantLiar_SpreadsParallelTrials()
    {
        static double Spread(bool liar)
        {
            TpeSampler sampler = new() { ConstantLiar = liar };
            TrialHistory history = SamplerRun.Run(sampler, new SearchSpace(Parameter.Uniform("x", 0, 1)), 30, static c => Math.Abs(c.Number("x") - 0.4));
            double[] asked = [.. Enumerable.Range(0, 16).Select(_ => SamplerRun.Ask(sampler, history, 7)!.Configuration.Number("x")).Order()];
            return asked[^3] - asked[2];
        }

        Assert.True(Spread(liar: true) > 1.5 * Spread(liar: false), $"{Spread(liar: true)} with, {Spread(liar: false)} without");
    }

    [Fact]
    public void Tpe_InAFiniteSpace_TriesEachPointOnce()
    {
        SearchSpace space = new(Parameter.Integer("a", 0, 4), Parameter.Choice("b", "x", "y", "z"));
        TrialHistory history = SamplerRun.Run(new TpeSampler { StartupTrials = 1 }, space, 10, static c => c.Integer("a"));

        Assert.Equal(10, history.Trials.Select(static trial => trial.Configuration).Distinct().Count());
    }

    [Fact]
    public void Tpe_Multivariate_SeesThatTwoParametersBelongTogether()
    {
        // Good where both are small or both large: a point with one of each is what only a model of each by itself proposes.
        TrialHistory history = SamplerRun.Run(new RandomSampler(), new SearchSpace(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1)), 100, static c =>
            Math.Min(Math.Abs(c.Number("x") - 0.1) + Math.Abs(c.Number("y") - 0.1), Math.Abs(c.Number("x") - 0.9) + Math.Abs(c.Number("y") - 0.9)));
        int Crossed(bool multivariate) => Enumerable.Range(0, 100).Count(seed =>
        {
            Configuration proposed = new TpeSampler { Multivariate = multivariate }.Propose(history, history.Space, new CounterRandom(seed)).Configuration;
            return (proposed.Number("x") < 0.5) != (proposed.Number("y") < 0.5);
        });

        Assert.True(Crossed(multivariate: true) < 0.5 * Crossed(multivariate: false), $"{Crossed(multivariate: true)} of 100, each by itself {Crossed(multivariate: false)}");
    }

    [Fact]
    public void Portfolio_DealsTurnsUntilItsLimit()
    {
        TrialHistory history = SamplerRun.Run(new PortfolioSampler(), Bowl, 12, InBowl);
        CounterRandom Random() => new(1);

        Assert.Equal(new GaussianProcessSampler().Propose(history, Bowl, Random()).Configuration, new PortfolioSampler().Propose(history, Bowl, Random()).Configuration);
        Assert.Equal(new TpeSampler().Propose(history, Bowl, Random()).Configuration, new PortfolioSampler { GaussianProcessTrials = 12 }.Propose(history, Bowl, Random()).Configuration);
    }

    private static double Best(TrialHistory history) => history.Loss(history.Best!);
}
