using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests.Samplers;

/// <summary>Samplers that don't learn: grid and Sobol.</summary>
public sealed class SpreadTests
{
    [Fact]
    public void Grid_TriesEachPointOnceAndEnds()
    {
        SearchSpace space = new(Parameter.Integer("a", 1, 3), Parameter.Choice("b", "x", "y"), Parameter.Uniform("c", 0, 10));
        TrialHistory history = SamplerRun.Run(new GridSampler { Points = 3 }, space, 1000, static _ => 0);

        Assert.Equal(18, history.Trials.Count);
        Assert.Equal(18, history.Trials.Select(static trial => trial.Configuration).Distinct().Count());
        Assert.Equal([0, 5, 10], history.Trials.Select(static trial => trial.Configuration.Number("c")).Distinct().Order());
        Assert.Null(SamplerRun.Ask(new GridSampler { Points = 3 }, history));
    }

    [Fact]
    public void Grid_WithConditionsAndConstraints_LeavesOutWhatIsTheSameOrNotAllowed()
    {
        SearchSpace space = new SearchSpace(Parameter.Choice("kind", "a", "b"), Parameter.Integer("depth", 1, 4).When("kind == a"), Parameter.Integer("width", 1, 3)).Where("width != 2");
        TrialHistory history = SamplerRun.Run(new GridSampler(), space, 1000, static _ => 0);

        Assert.Equal((4 + 1) * 2, history.Trials.Count);
        Assert.DoesNotContain(history.Trials, static trial => trial.Configuration.Integer("width") == 2);
    }

    [Fact]
    public void Grid_StoppedEarly_HasSeenEveryValue()
    {
        SearchSpace space = new(Parameter.Integer("a", 0, 4), Parameter.Integer("b", 0, 4), Parameter.Integer("c", 0, 4));
        TrialHistory history = SamplerRun.Run(new GridSampler(), space, 15, static _ => 0);

        Assert.All(space.Parameters, parameter => Assert.Equal(5, history.Trials.Select(trial => trial.Configuration.Integer(parameter.Name)).Distinct().Count()));
    }

    [Fact]
    public void Grid_TooLarge_IsAnError()
    {
        SearchSpace space = new(Enumerable.Range(0, 20).Select(static i => (Parameter)Parameter.Uniform($"x{i}", 0, 1)));

        SearchSpaceException fault = Assert.Throws<SearchSpaceException>(() => SamplerRun.Run(new GridSampler(), space, 1, static _ => 0));
        Assert.Contains("sobol", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sobol_First16_PutsOneInEachSixteenthOfEveryAxis()
    {
        SearchSpace space = new(Enumerable.Range(0, 6).Select(static i => (Parameter)Parameter.Uniform($"x{i}", 0, 1)));
        TrialHistory history = SamplerRun.Run(new SobolSampler { Seed = 9 }, space, 16, static _ => 0);

        Assert.All(space.Parameters, parameter => Assert.Equal(
            Enumerable.Range(0, 16), history.Trials.Select(trial => (int)(16 * trial.Configuration.Number(parameter.Name))).Order()));
    }

    [Fact]
    public void Sobol_GoesOnWhereAnotherProcessWas_AndOtherSeedsGiveOtherPoints()
    {
        SearchSpace space = new(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1));
        TrialHistory whole = SamplerRun.Run(new SobolSampler(), space, 20, static _ => 0);
        TrialHistory parts = SamplerRun.Run(new SobolSampler(), space, 8, static _ => 0);
        SamplerRun.Run(new SobolSampler(), parts, 12, static _ => [0]);

        Assert.Equal(whole.Trials.Select(static trial => trial.Configuration), parts.Trials.Select(static trial => trial.Configuration));
        Assert.DoesNotContain(SamplerRun.Run(new SobolSampler { Seed = 1 }, space, 20, static _ => 0).Trials, trial => whole.Trials.Any(other => other.Configuration.Equals(trial.Configuration)));
    }
}
