using Descent.Journal;
using Descent.Tuning.Pruners;
using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests.Studies;

/// <summary>One worker, or several that are all alive.</summary>
public sealed class StudyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Optimize_RunsAsManyTrialsAsWanted_AndGoesOnWhereItStopped()
    {
        await using MemoryJournal journal = new();
        await using (Study study = await OpenAsync(journal))
        {
            await study.OptimizeAsync(Quadratic.Value, 20, Cancellation);
            Assert.Equal(20, await study.ViewAsync(static history => history.Finished.Count, Cancellation));
        }

        await using Study again = await Study.OpenAsync(journal, "test", new StudyOptions(), Cancellation);
        int run = 0;
        await again.OptimizeAsync(trial =>
        {
            run++;
            return Quadratic.Value(trial);
        }, 30, Cancellation);
        Assert.Equal(10, run);
        TrialRecord[] trials = await again.ViewAsync(static history => history.Trials.ToArray(), Cancellation);
        Assert.Equal(Enumerable.Range(0, 30), trials.Select(static trial => trial.Number));
        Assert.All(trials, static trial => Assert.Equal((TrialState.Complete, 1), (trial.State, trial.Attempts)));
        TrialRecord? best = await again.BestAsync(Cancellation);
        Assert.Equal(trials.Min(static trial => trial.Objectives[0]), best?.Objectives[0]);
    }

    [Fact]
    public async Task Optimize_WithTheSameSeed_TriesTheSame_OnAnyNumberOfWorkers()
    {
        ISampler standard = new StudyOptions().Sampler, random = new RandomSampler();
        Assert.Equal(await ConfigurationsAsync(standard, seed: 5, workers: 1), await ConfigurationsAsync(standard, seed: 5, workers: 1));
        // A random sampler looks at nothing but the trial's number; others at what has ended, which is a matter of timing where several work.
        Assert.Equal(await ConfigurationsAsync(random, seed: 5, workers: 1), await ConfigurationsAsync(random, seed: 5, workers: 4));
        Assert.NotEqual(await ConfigurationsAsync(random, seed: 5, workers: 1), await ConfigurationsAsync(random, seed: 6, workers: 1));
    }

    [Fact]
    public async Task Optimize_ByFourStudiesOfOneJournal_SharesTheTrials()
    {
        await using MemoryJournal journal = new();
        Study[] studies = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => OpenAsync(journal, new StudyOptions { Space = Quadratic.Space, Worker = $"w{i}" })));
        int run = 0;
        await Task.WhenAll(studies.Select(study => study.OptimizeAsync(
            async (trial, token) =>
            {
                Interlocked.Increment(ref run);
                await Task.Yield();
                return Quadratic.Value(trial);
            },
            new OptimizeOptions { Trials = 60, Workers = 2 },
            Cancellation)));
        Assert.Equal(60, run);
        TrialRecord[] trials = await studies[0].ViewAsync(static history => history.Trials.ToArray(), Cancellation);
        Assert.Equal(60, trials.Length);
        Assert.All(trials, static trial => Assert.Equal((TrialState.Complete, 1), (trial.State, trial.Attempts)));
        Assert.Equal(60, trials.Select(static trial => trial.Configuration).Distinct().Count());
        foreach (Study study in studies)
        {
            await study.DisposeAsync();
        }
    }

    [Fact]
    public async Task AskAndTell_ByHand_KeepsWhatWasReportedAndNoted()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal);
        Trial trial = (await study.AskAsync(Cancellation))!;
        await trial.ReportAsync(1, 3, Cancellation);
        await trial.ReportAsync(3, double.NaN, Cancellation);
        await trial.ReportAsync(2, 2, Cancellation);
        await trial.ReportAsync(1, double.PositiveInfinity, Cancellation);
        await trial.NoteAsync("run", "runs/1", Cancellation);
        await trial.NoteAsync("run", "runs/2", Cancellation);
        await study.TellAsync(trial, TrialResult.Complete(0.5).WithViolation(2), Cancellation);

        // A second worker reads it from the journal.
        await using Study other = await OpenAsync(journal);
        TrialRecord seen = await other.ViewAsync(static history => Assert.Single(history.Finished), Cancellation);
        Assert.Equal([new(1, double.PositiveInfinity), new(2, 2), new(3, double.NaN)], seen.Reported);
        Assert.Equal([0.5], seen.Objectives);
        Assert.Equal(2, seen.Violation);
        Assert.Equal("runs/2", seen.Notes["run"]);
        Assert.Equal(trial.Configuration, seen.Configuration);
        Assert.Equal(study.Options.Worker, seen.Worker);
        Assert.Null(await other.BestAsync(Cancellation));
    }

    [Fact]
    public async Task Enqueue_PutsAPointFirst()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal);
        Assert.Equal(0, await study.EnqueueAsync(new Dictionary<string, ParameterValue> { ["x"] = 0, ["n"] = 0 }, Cancellation));
        await study.OptimizeAsync(Quadratic.Value, 5, Cancellation);
        TrialRecord[] trials = await study.ViewAsync(static history => history.Trials.ToArray(), Cancellation);
        Assert.Equal(5, trials.Length);
        Assert.Equal("x=0, n=0", trials[0].Configuration.ToString());
        Assert.Equal([0.09], trials[0].Objectives);
        await Assert.ThrowsAsync<SearchSpaceException>(async () => await study.EnqueueAsync(new Dictionary<string, ParameterValue> { ["x"] = 0, ["n"] = 9 }, Cancellation));
    }

    [Fact]
    public async Task Optimize_WithAPruner_StopsTrialsByReturnValue()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space, Pruner = new MedianPruner { MinimumTrials = 3 } });
        await study.OptimizeAsync(
            static async (trial, cancellation) =>
            {
                for (int step = 0; step < 4; step++)
                {
                    if ((await trial.ReportAsync(step, Quadratic.Value(trial) + (3 - step), cancellation)).ShouldStop)
                    {
                        return TrialResult.Pruned();
                    }
                }

                return Quadratic.Value(trial);
            },
            new OptimizeOptions { Trials = 30 },
            Cancellation);
        TrialRecord[] trials = await study.ViewAsync(static history => history.Trials.ToArray(), Cancellation);
        TrialRecord[] pruned = [.. trials.Where(static trial => trial.State == TrialState.Pruned)];
        Assert.NotEmpty(pruned);
        Assert.All(trials.Take(3), static trial => Assert.Equal(TrialState.Complete, trial.State));
        Assert.All(pruned, static trial => Assert.Contains("is worse than the median", trial.Reason, StringComparison.Ordinal));
        Assert.All(pruned, static trial => Assert.Single(trial.Reported));
        Assert.Equal(
            trials.Where(static trial => trial.State == TrialState.Complete).Min(static trial => trial.Objectives[0]),
            (await study.BestAsync(Cancellation))?.Objectives[0]);
    }

    [Fact]
    public async Task Tell_WithSeveralObjectives_WantsAllOfThem()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space, Directions = [Direction.Maximize, Direction.Minimize] });
        Trial trial = (await study.AskAsync(Cancellation))!;
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(async () => await study.TellAsync(trial, 1.0, Cancellation));
        Assert.StartsWith("Trial 0 has 1 results; the study has 2 objectives.", fault.Message, StringComparison.Ordinal);
        await study.TellAsync(trial, TrialResult.Complete(1, 2), Cancellation);
        await study.TellAsync((await study.AskAsync(Cancellation))!, TrialResult.Complete(3, 4), Cancellation);
        TrialRecord? best = await study.BestAsync(Cancellation);
        Assert.Equal([3, 4], best?.Objectives);
    }

    [Fact]
    public async Task Optimize_OverAConstraint_TriesOnlyWhatKeepsIt()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space.Where("n == 2 or x > 0.5") });
        await study.OptimizeAsync(Quadratic.Value, 40, Cancellation);
        Assert.True(await study.ViewAsync(static history => history.Trials.All(trial => history.Space.IsFeasible(trial.Configuration)), Cancellation));
    }

    [Fact]
    public async Task Optimize_OverAConstraintThatNothingKeeps_SaysSo()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space.Where("x > 5") });
        StudyException fault = await Assert.ThrowsAsync<StudyException>(() => study.OptimizeAsync(Quadratic.Value, 1, Cancellation));
        Assert.StartsWith("None of 10000 random points keeps the constraints (x > 5).", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Optimize_WithASamplerThatHasNothingLeft_Ends()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space, Sampler = new ThreePoints() });
        await study.OptimizeAsync(static (trial, _) => Task.FromResult<TrialResult>(Quadratic.Value(trial)), new OptimizeOptions { Workers = 2 }, Cancellation);
        Assert.Equal(3, await study.ViewAsync(static history => history.Finished.Count, Cancellation));
        Assert.Null(await study.AskAsync(Cancellation));
        Assert.Equal([null, "second", null], await study.ViewAsync(static history => history.Trials.Select(static trial => trial.Tag).ToArray(), Cancellation));
        Assert.Equal([null, 0, null], await study.ViewAsync(static history => history.Trials.Select(static trial => trial.Parent).ToArray(), Cancellation));
    }

    [Fact]
    public async Task Optimize_WithASamplerOfForeignPoints_SaysSo()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space, Sampler = new Foreign() });
        StudyException fault = await Assert.ThrowsAsync<StudyException>(() => study.OptimizeAsync(Quadratic.Value, 1, Cancellation));
        Assert.StartsWith("The sampler proposed x=7, n=0, which is no point of the space: x is 7 (Number); allowed: uniform(-1,1).", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Optimize_WithAParentThatThereIsNot_SaysSo()
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space, Sampler = new OwnChild() });
        StudyException fault = await Assert.ThrowsAsync<StudyException>(() => study.OptimizeAsync(Quadratic.Value, 1, Cancellation));
        Assert.Equal("The sampler proposed trial 0 with the parent 0; allowed: a trial before it, or none.", fault.Message);
    }

    private static async Task<Study> OpenAsync(IJournal journal, StudyOptions? options = null) =>
        await Study.OpenAsync(journal, "test", options ?? new StudyOptions { Space = Quadratic.Space }, Cancellation);

    private static async Task<string[]> ConfigurationsAsync(ISampler sampler, long seed, int workers)
    {
        await using MemoryJournal journal = new();
        await using Study study = await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space, Sampler = sampler, Seed = seed });
        await study.OptimizeAsync(
            static (trial, _) => Task.FromResult<TrialResult>(Quadratic.Value(trial)), new OptimizeOptions { Trials = 12, Workers = workers }, Cancellation);
        return await study.ViewAsync(static history => history.Trials.Select(static trial => trial.Configuration.ToString()).ToArray(), Cancellation);
    }

    private sealed class ThreePoints : ISampler
    {
        public Proposal? Propose(TrialHistory history, SearchSpace space, CounterRandom random) => history.Trials.Count switch
        {
            1 => new Proposal(space.FromUnit([0.5, 0.5])) { Parent = 0, Tag = "second" },
            < 3 => new Proposal(space.FromUnit([0.1, 0.1])),
            _ => null,
        };
    }

    private sealed class OwnChild : ISampler
    {
        public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random) => new(space.FromUnit([0.5, 0.5])) { Parent = history.Trials.Count };
    }

    private sealed class Foreign : ISampler
    {
        public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random) => new(new Configuration([new("x", 7.0), new("n", 0)]));
    }
}
