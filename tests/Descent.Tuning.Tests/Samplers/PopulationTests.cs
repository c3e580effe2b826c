using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests.Samplers;

public sealed class PopulationTests
{
    private static readonly SearchSpace Space = new(Parameter.Log("rate", 1e-4, 1), Parameter.Integer("batch", 1, 100), Parameter.Choice("kind", "a", "b"));

    [Fact]
    public void FirstRounds_AreAPopulationWithoutParents()
    {
        TrialHistory history = new(Space, [Direction.Minimize]);
        SamplerRun.Run(new PopulationSampler { Population = 4 }, history, 4, static _ => [1]);

        Assert.All(history.Trials, static trial => Assert.Null(trial.Parent));
        Assert.Equal(["member 0", "member 1", "member 2", "member 3"], history.Trials.Select(static trial => trial.Tag));
    }

    [Fact]
    public void AMemberAhead_GoesOnWithItsSettings_OneBehindTakesTheBestOnesChanged()
    {
        TrialHistory history = Generation(out PopulationSampler sampler, losses: [1, 2, 3, 4, 9]);
        TrialRecord[] second = [.. Enumerable.Range(0, 5).Select(_ => SamplerRun.Ask(sampler, history)!)];

        for (int member = 0; member < 4; member++)
        {
            Assert.Equal(member, second[member].Parent);
            Assert.Equal(history.Trials[member].Configuration, second[member].Configuration);
        }

        Assert.Equal(0, second[4].Parent);
        Assert.Equal("member 4", second[4].Tag);
        Assert.NotEqual(history.Trials[0].Configuration, second[4].Configuration);
    }

    [Fact]
    public void Exploration_MultipliesNumbersByTheFactorOrItsInverse()
    {
        HashSet<double> factors = [];
        for (int seed = 0; seed < 20; seed++)
        {
            TrialHistory history = Generation(out PopulationSampler sampler, losses: [1, 9], resample: 0);
            Assert.Equal(0, SamplerRun.Ask(sampler, history, seed)!.Parent);
            TrialRecord explored = SamplerRun.Ask(sampler, history, seed)!;
            Configuration before = history.Trials[0].Configuration;

            factors.Add(Math.Round(explored.Configuration.Number("rate") / before.Number("rate"), 6));
            Assert.NotEqual(before.Integer("batch"), explored.Configuration.Integer("batch"));
            Assert.Equal(before.Text("kind"), explored.Configuration.Text("kind"));
        }

        Assert.Equal([Math.Round(1 / 1.2, 6), 1.2], factors.Order());
    }

    [Fact]
    public void AMemberWhoseRoundFailed_TakesTheBestOnes()
    {
        TrialHistory history = new(Space, [Direction.Minimize]);
        PopulationSampler sampler = new() { Population = 3 };
        TrialRecord[] first = [.. Enumerable.Range(0, 3).Select(_ => SamplerRun.Ask(sampler, history)!)];
        history.Finish(first[0], TrialState.Complete, [2]);
        history.Finish(first[1], TrialState.Failed, [], reason: "out of memory");
        history.Finish(first[2], TrialState.Complete, [1]);
        TrialRecord[] second = [.. Enumerable.Range(0, 3).Select(_ => SamplerRun.Ask(sampler, history)!)];

        Assert.Equal([0, 2, 2], second.Select(static trial => trial.Parent));
    }

    [Fact]
    public void WithMoreWorkersThanMembers_ThePopulationGrows()
    {
        TrialHistory history = new(Space, [Direction.Minimize]);
        PopulationSampler sampler = new() { Population = 2 };
        TrialRecord[] running = [.. Enumerable.Range(0, 3).Select(_ => SamplerRun.Ask(sampler, history)!)];

        Assert.Equal("member 2", running[2].Tag);
    }

    [Fact]
    public void Pbt_FindsAScheduleThatNoFixedSettingHas_AndItsReplayIsTheSame()
    {
        // The best rate halves with every round: progress is what is lost by being off it.
        SearchSpace space = new(Parameter.Log("rate", 1e-3, 1));
        Dictionary<int, double> weights = [];
        Dictionary<int, int> ages = [];
        double Train(TrialRecord trial)
        {
            int age = trial.Parent is { } parent ? ages[parent] + 1 : 0;
            double gain = Math.Exp(-2 * Math.Abs(Math.Log(trial.Configuration.Number("rate") / (0.5 * Math.Pow(0.7, age)))));
            ages[trial.Number] = age;
            return weights[trial.Number] = (trial.Parent is { } from ? weights[from] : 0) - gain;
        }

        TrialHistory history = new(space, [Direction.Minimize]);
        PopulationSampler sampler = new() { Population = 6 };
        for (int i = 0; i < 6 * 10; i++)
        {
            TrialRecord trial = SamplerRun.Ask(sampler, history, 2)!;
            history.Finish(trial, TrialState.Complete, [Train(trial)]);
        }

        TrialRecord best = history.Best!;
        HyperparameterSchedule schedule = HyperparameterSchedule.Of(history, best.Number);
        Assert.Equal(best.Configuration, schedule.Rounds[^1]);
        Assert.True(schedule.Rounds.Distinct().Count() > 1);
        Assert.True(schedule.Rounds[^1].Number("rate") < schedule.Rounds[0].Number("rate"));

        TrialHistory again = new(space, [Direction.Minimize]);
        ScheduleReplaySampler replay = new(schedule);
        (weights, ages) = ([], []);
        while (SamplerRun.Ask(replay, again) is { } trial)
        {
            Assert.Null(SamplerRun.Ask(replay, again)); // nothing to propose while a round is running
            again.Finish(trial, TrialState.Complete, [Train(trial)]);
        }

        Assert.Equal(schedule.Rounds, again.Trials.Select(static trial => trial.Configuration));
        Assert.Equal([null, .. Enumerable.Range(0, again.Trials.Count - 1).Select(static number => (int?)number)], again.Trials.Select(static trial => trial.Parent));
        Assert.Equal(history.Loss(best), again.Loss(again.Trials[^1]), 1e-12);
    }

    [Fact]
    public void Replay_OfAFailedRound_ProposesItAgain()
    {
        TrialHistory history = new(Space, [Direction.Minimize]);
        ScheduleReplaySampler replay = new(new HyperparameterSchedule([Space.FromUnit([0.1, 0.1, 0.1]), Space.FromUnit([0.2, 0.2, 0.2])]));
        history.Finish(SamplerRun.Ask(replay, history)!, TrialState.Complete, [1]);
        history.Finish(SamplerRun.Ask(replay, history)!, TrialState.Failed, []);
        TrialRecord again = SamplerRun.Ask(replay, history)!;

        Assert.Equal((0, "round 1"), (again.Parent, again.Tag));
    }

    [Fact]
    public void Schedule_AsAFile_ReadsBack()
    {
        using TemporaryFolder folder = new();
        string path = folder.Path("schedule.json");
        HyperparameterSchedule schedule = new([Space.FromUnit([0.1, 0.1, 0.1]), Space.FromUnit([1, 0.7, 0.9])]);
        File.WriteAllText(path, schedule.ToJson());

        Assert.Equal(schedule.Rounds, HyperparameterSchedule.Read(path).Rounds);
        Assert.IsType<ScheduleReplaySampler>(SamplerCatalog.Create($"replay(file={path})"));
        File.WriteAllText(path, "{}");
        Assert.Contains("is no schedule", Assert.Throws<ArgumentException>(() => HyperparameterSchedule.Read(path)).Message, StringComparison.Ordinal);
    }

    private static TrialHistory Generation(out PopulationSampler sampler, double[] losses, double resample = 0.25)
    {
        TrialHistory history = new(Space, [Direction.Minimize]);
        sampler = new PopulationSampler { Population = losses.Length, ResampleProbability = resample };
        foreach (double loss in losses)
        {
            TrialRecord trial = history.Add(Space.FromUnit([0.5, 0.5, 0.1]));
            (trial.Tag, trial.State) = ($"member {trial.Number}", TrialState.Running);
            history.Finish(trial, TrialState.Complete, [loss]);
        }

        return history;
    }
}
