using Descent.Cli.Tuning;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Tuning;
using Descent.Tuning.Pruners;
using Descent.Tuning.Samplers;

namespace Descent.Cli.Tests.Tuning;

/// <summary>Which objectives there are, and what goes with several of them.</summary>
public sealed class TuneObjectivesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Objectives_AreKnownByName_EachWithItsDirection()
    {
        TuneObjectives all = Of("seconds, step_seconds,throughput,peak_memory,state_bytes,parameters,validation/accuracy,validation/loss,validation/of_mine");

        Assert.Equal(["validation/loss", "seconds", "step_seconds", "throughput", "peak_memory", "state_bytes", "parameters", "validation/accuracy", "validation/of_mine"], all.Names);
        Assert.Equal([1, 1, 1, -1, 1, 1, 1, -1, 1], all.Directions.Select(static direction => direction == Direction.Minimize ? 1 : -1));
        Assert.Equal(["validation/accuracy", "validation/of_mine"], all.OtherMetrics);
        Assert.True(all is { Several: true, Reports: true, IsMetricAlone: false });
    }

    [Fact]
    public void Objectives_OfTheOption_TakeTheRunFilesPlace()
    {
        RunTemplate template = Template("tune: { objectives: [validation/loss, seconds] }");
        var validation = new ValidationOptions();

        Assert.Equal(["validation/loss", "seconds"], Options().MakeObjectives(template, validation).Names);
        Assert.Equal(["parameters"], (Options() with { Objectives = "parameters" }).MakeObjectives(template, validation).Names);
        Assert.True(Options().MakeObjectives(Template(""), validation).IsMetricAlone);
        Assert.True((Options() with { Objectives = "validation/loss" }).MakeObjectives(template, validation).IsMetricAlone);
        Assert.Equal("", Options().MakeObjectives(Template(""), validation).Yaml);
        Assert.Equal("tune:\n  objectives: [validation/loss, seconds]\n", Options().MakeObjectives(template, validation).Yaml);
    }

    [Theory]
    [InlineData("loss,seconds", "--objectives is 'loss,seconds', and there is no objective 'loss', did you mean 'validation/loss'? (allowed: validation/loss, another metric of the validations (validation/…), seconds, step_seconds, throughput, peak_memory, state_bytes, parameters)")]
    [InlineData("validation/loss,secnods", "there is no objective 'secnods', did you mean 'seconds'? (allowed: ")]
    [InlineData("validation/acuracy", "there is no objective 'validation/acuracy', did you mean 'validation/accuracy'? (allowed: ")]
    [InlineData("latency", "there is no objective 'latency' (allowed: ")]
    [InlineData("seconds,validation/loss,seconds", "which has 'seconds' twice; name each objective once")]
    [InlineData(",", "--objectives is ',', which names none (allowed: ")]
    public void Objectives_ThatThereAreNot_AreRefused(string names, string expected) =>
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => Of(names)).Message);

    [Theory]
    [InlineData("cfo", "--sampler is 'cfo', which goes from one point to a better one, of which there is none with several objectives, and the objectives are validation/loss, seconds; take one of portfolio, random, grid, sobol, tpe, tpe_multivariate, gp, cmaes, nsga2, or validation/loss alone")]
    [InlineData("blend_search", "--sampler is 'blend_search', which goes from one point")]
    [InlineData("pbt", "--sampler is 'pbt', which goes on from the rounds with the best validation/loss, and the objectives are")]
    public void Sampler_ThatComparesByOneValue_IsRefused(string sampler, string expected)
    {
        TuneOptions options = Options() with { Sampler = sampler };
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => options.MakeSampler(Template(""), Of("seconds,validation/loss"))).Message);
        Assert.NotNull(options.MakeSampler(Template(""), Of("validation/loss")));
    }

    [Fact]
    public void Sampler_WhereNothingIsSaid_IsThePortfolio()
    {
        Assert.IsType<PortfolioSampler>(Options().MakeSampler(Template(""), Of("validation/loss,seconds")));
        Assert.IsType<NsgaSampler>((Options() with { Sampler = "nsga2" }).MakeSampler(Template(""), Of("validation/loss,seconds")));
        Assert.IsType<CostFrugalSampler>((Options() with { Sampler = "cfo" }).MakeSampler(Template(""), Of("step_seconds")));
    }

    [Fact]
    public void Pruner_IsNoneUnlessItJudgesATrialByItself()
    {
        TuneObjectives several = Of("validation/loss,seconds");
        Assert.Null(Options().MakePruner(Template(""), rounds: false, folds: false, several));
        Assert.Null(Options().MakePruner(Template(""), rounds: false, folds: true, several));
        Assert.IsType<MedianPruner>(Options().MakePruner(Template(""), rounds: false, folds: false, Of("validation/loss")));
        Assert.IsType<ThresholdPruner>((Options() with { Pruner = "threshold(upper=9)" }).MakePruner(Template(""), rounds: false, folds: false, several));
        Assert.Equal(
            "--pruner is 'asha', which stops trials by validation/loss alone, and the objectives are validation/loss, seconds; allowed: threshold, none",
            Assert.Throws<BadInputException>(() => (Options() with { Pruner = "asha" }).MakePruner(Template(""), rounds: false, folds: false, several)).Message);
        Assert.EndsWith(
            "the objectives are seconds; allowed: none",
            Assert.Throws<BadInputException>(() => (Options() with { Pruner = "threshold" }).MakePruner(Template(""), rounds: false, folds: false, Of("seconds"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void FrontTable_ShowsResultsWithTheirUnits_AndSettingsAsFarAsTheyFit()
    {
        SearchSpace space = new(Parameter.Log("optimizer.learning_rate", 1e-5, 1), Parameter.Integer("model.width", 1, 99));
        TuneObjectives objectives = Of("validation/loss,seconds,peak_memory,parameters");
        FrontTrial[] front = [new(7, [0.5, 12.3, 3 << 20, 12345], space.FromUnit([0.4, 0.5]), null), new(12, [0.75, 6000, 1 << 30, 7], space.FromUnit([0.8, 0.1]), null)];

        Assert.Equal(
            [
                "trial  validation/loss  seconds  peak_memory  parameters  learning_rate  width",
                "7               0.5000  12.30 s      3.0 MiB      12.3 K         0.0010     50",
                "12              0.7500  1:40:00      1.0 GiB           7         0.1000     10",
            ],
            FrontText.Table(front, objectives, space, int.MaxValue));
        Assert.Equal("trial  validation/loss  seconds  peak_memory  parameters  …", FrontText.Table(front, objectives, space, 60)[0]);
    }

    private static TuneOptions Options() => new() { Settings = [] };

    private static TuneObjectives Of(string names) => (Options() with { Objectives = names }).MakeObjectives(RunTemplate.Load(null), new ValidationOptions());

    private RunTemplate Template(string yaml)
    {
        File.WriteAllText(_folder["run.yaml"], "model: mlp\ndata: text\n" + yaml);
        return RunTemplate.Load(_folder["run.yaml"]);
    }
}
