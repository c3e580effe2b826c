using System.Collections.Concurrent;
using Descent.Journal;
using Descent.Tuning.Races;

namespace Descent.Tuning.Tests.Races;

/// <summary>Races of functions: their best rate is 10⁻², their ends differ by what the contender is worse and by the seed, as those of training runs do.</summary>
public sealed class RaceTests
{
    private readonly ConcurrentBag<(string Contender, bool IsSearch, long Seed, double Length)> _ran = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_GivesAllTheSameTrialsAndTheSameSeeds()
    {
        RaceResult result = await RunAsync(Options("a", "b", "c") with { Trials = 6, Seeds = 4, Workers = 2 }, Run);

        foreach (string name in new[] { "a", "b", "c" })
        {
            Assert.Equal(6, _ran.Count(run => run.Contender == name && run.IsSearch && run.Length == 0.5 && run.Seed == 0));
            Assert.Equal([1, 2, 3, 4], _ran.Where(run => run.Contender == name && !run.IsSearch && run.Length == 1).Select(static run => run.Seed).Order());
        }

        Assert.All(result.Entries, static entry => Assert.Equal(6, entry.Trials));
        Assert.Contains("Each search had the same number of trials, 6, each 50 % of a full run.", result.Notes);
    }

    [Fact]
    public async Task RunAsync_WithEqualSeconds_GivesTheQuickOneMoreTrials()
    {
        RaceOptions options = Options("quick", "slow") with { Equal = EqualBudget.Seconds, Time = TimeSpan.FromSeconds(3), Seeds = 2, Pruner = static () => null };
        RaceResult result = await RunAsync(options, async (run, cancellation) =>
        {
            await Task.Delay(run.Contender.Name == "quick" ? 10 : 150, cancellation);
            return await Run(run, cancellation);
        });

        RaceEntry quick = Entry(result, "quick"), slow = Entry(result, "slow");
        Assert.True(quick.Trials > slow.Trials, $"{quick.Trials} and {slow.Trials} trials");
        Assert.StartsWith("Each search had the same time", result.Notes[0]);
    }

    [Fact]
    public async Task RunAsync_WithTooLittleTime_CutsAllSearchesAlike()
    {
        RaceOptions options = Options("a", "b") with { Trials = 1000, Seeds = 2, Time = TimeSpan.FromSeconds(2), Pruner = static () => null };
        RaceResult result = await RunAsync(options, async (run, cancellation) =>
        {
            await Task.Delay(20, cancellation);
            return await Run(run, cancellation);
        });

        Assert.InRange(result.Entries[0].Trials, 3, 999);
        Assert.Equal(result.Entries[0].Trials, result.Entries[1].Trials);
        Assert.Contains("of 1000, cut to fit the time", result.Notes[0]);
        Assert.All(result.Entries, static entry => Assert.Equal(2, entry.Runs.Count));
    }

    [Fact]
    public async Task Verdict_OfALargeDifference_IsSure()
    {
        RaceResult result = await RunAsync(Options("good", "worse+1", "worse+2"), Run);

        Assert.Equal("good", result.Verdict.Best);
        Assert.Equal("worse+1", result.Verdict.RunnerUp);
        Assert.True(result.Verdict.IsSure);
        Assert.Empty(result.Verdict.Alike);
        Assert.StartsWith("Take good: it ends at ", result.Verdict.Sentence);
        Assert.Contains("significantly better than every other contender; than the next, worse+1, by ", result.Verdict.Sentence);
        Assert.Contains("after Holm's correction for 2 comparisons", result.Verdict.Sentence);
        Assert.Equal(["good", "worse+1", "worse+2"], result.Entries.Select(static entry => entry.Name));
    }

    [Fact]
    public async Task Verdict_OfNoDifference_SaysSo()
    {
        RaceResult result = await RunAsync(Options("a", "b", "worse+2"), Run);

        Assert.False(result.Verdict.IsSure);
        Assert.Single(result.Verdict.Alike);
        Assert.StartsWith("No significant difference between ", result.Verdict.Sentence);
        Assert.EndsWith("; 1 other is significantly worse.", result.Verdict.Sentence);
    }

    [Fact]
    public async Task Verdict_OfAMaximum_TakesTheLargest()
    {
        RaceResult result = await RunAsync(Options("good", "worse+1") with { Direction = Direction.Maximize }, async (run, cancellation) => -(await Run(run, cancellation)).Objectives[0]);

        Assert.Equal("good", result.Verdict.Best);
        Assert.InRange(Entry(result, "worse+1").AgainstBest!.Difference!.Value.Mean, 0.5, 1.5);
    }

    [Fact]
    public async Task Search_WhoseBestLiesAtAnEnd_GoesOnBeyondIt()
    {
        Contender narrow = new() { Name = "narrow", Space = new SearchSpace(Parameter.Log("rate", 1e-5, 1e-3)), Widened = ["rate"], Start = new Dictionary<string, ParameterValue> { ["rate"] = 1e-3 } };
        RaceResult result = await RunAsync(Options("wide") with { Contenders = [narrow, Named("wide")], Trials = 12 }, Run);

        RaceEntry entry = Entry(result, "narrow");
        Assert.True(entry.WentBeyond);
        Assert.Equal(12, entry.Trials);
        Assert.True(entry.Settings!.Number("rate") > 1e-3, $"{entry.Settings}");
        Assert.False(Entry(result, "wide").WentBeyond);
    }

    [Fact]
    public async Task Search_WhoseRangeIsFixed_SaysThatTheBestLiesAtItsEnd()
    {
        Contender narrow = new() { Name = "narrow", Space = new SearchSpace(Parameter.Log("rate", 1e-5, 1e-3)), Start = new Dictionary<string, ParameterValue> { ["rate"] = 1e-3 } };
        RaceResult result = await RunAsync(Options("wide") with { Contenders = [narrow, Named("wide")] }, Run);

        Assert.Equal(["rate"], Entry(result, "narrow").AtEdge);
        Assert.Contains("narrow: the best rate (0.001) lies at the end of its range; beyond it may be better.", result.Notes);
    }

    [Fact]
    public async Task RunAsync_OfRunsThatDiverge_CountsThemAndGoesOn()
    {
        RaceResult result = await RunAsync(Options("good", "risky", "hopeless"), (run, cancellation) => run.Contender.Name switch
        {
            "risky" when !run.IsSearch && run.Seed == 3 => Task.FromResult(TrialResult.Failed("the loss is not finite at step 7")),
            "hopeless" => throw new InvalidOperationException("no such thing"),
            _ => Run(run, cancellation),
        });

        Assert.Equal("good", result.Verdict.Best);
        RaceEntry risky = Entry(result, "risky"), hopeless = Entry(result, "hopeless");
        Assert.Equal(1, risky.FailedRuns);
        Assert.Equal(4, risky.Final!.Value.Count);
        Assert.Equal(RaceComparison.SignedRank, risky.AgainstBest!.Test);
        Assert.Null(hopeless.Settings);
        Assert.Empty(hopeless.Runs);
        Assert.Contains("risky: 1 of 5 runs failed (the loss is not finite at step 7).", result.Notes);
        Assert.Contains("hopeless: no trial of its search ended well; the last one: InvalidOperationException: no such thing.", result.Notes);
        Assert.EndsWith("1 of 5 runs of risky failed.", result.Verdict.Sentence);
    }

    [Fact]
    public async Task Target_ByDefault_IsWhatTheReferenceReachesWithEverySeed()
    {
        RaceResult result = await RunAsync(Options("good", "worse+1") with { Reference = "worse+1" }, Run);

        RaceEntry reference = Entry(result, "worse+1"), good = Entry(result, "good");
        Assert.Equal(reference.Runs.Max(static run => run.Value), result.Target);
        Assert.Equal(5, reference.Reached);
        Assert.True(good.StepsToTarget!.Value.Mean < reference.StepsToTarget!.Value.Mean);
    }

    [Fact]
    public async Task Result_BeforeARunAtTheBestSettings_IsNoFailure()
    {
        await using Race race = await Race.OpenAsync("memory:", "race", Options("a", "b") with { Trials = 4 }, Cancellation);
        using CancellationTokenSource stop = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race.RunAsync(
            async (run, cancellation) =>
            {
                if (_ran.Count == 3)
                {
                    await stop.CancelAsync();
                    cancellation.ThrowIfCancellationRequested();
                }

                return await Run(run, cancellation);
            },
            stop.Token));
        RaceResult result = await race.ResultAsync(Cancellation);

        Assert.Equal("No recommendation yet: no run at the best settings has been done.", result.Verdict.Sentence);
        Assert.StartsWith("The searches are under way: 1 to 2 of 4 trials each", Assert.Single(result.Notes));
    }

    [Fact]
    public async Task Target_ReachedBeforeItWasLookedAt_IsAtMost()
    {
        RaceResult result = await RunAsync(Options("good", "worse+1") with { Target = 1000 }, Run);

        Assert.All(result.Entries, static entry =>
        {
            Assert.True(entry.StepsAreAtMost);
            Assert.All(entry.Runs, static run => Assert.Equal(run.Curve[0].Step, run.StepsToTarget));
        });
        Assert.All((await RunAsync(Options("good", "worse+1") with { Reference = "worse+1" }, Run)).Entries, static entry => Assert.False(entry.StepsAreAtMost));
    }

    [Fact]
    public async Task Target_ThatIsNeverReached_IsCensored()
    {
        RaceResult result = await RunAsync(Options("good", "worse+1") with { Target = -5 }, Run);

        Assert.All(result.Entries, static entry => Assert.Null(entry.StepsToTarget));
        Assert.Contains(result.Notes, static note => note.StartsWith("The target was not reached within the run by good, worse+1: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_ThatIsStopped_GoesOnWhereItStood()
    {
        await using IJournal journal = await JournalCatalog.OpenAsync("memory:", cancellation: Cancellation);
        RaceOptions options = Options("a", "b") with { Trials = 4, Seeds = 3 };
        using CancellationTokenSource stop = new();
        await using (Race first = await Race.OpenAsync(journal, "race", options, Cancellation))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.RunAsync(
                async (run, cancellation) =>
                {
                    if (_ran.Count == 9)
                    {
                        await stop.CancelAsync();
                        cancellation.ThrowIfCancellationRequested();
                    }

                    return await Run(run, cancellation);
                },
                stop.Token));
        }

        Assert.Equal(9, _ran.Count);
        await using (Race stopped = await Race.OpenAsync(journal, "race", options with { Trials = 6 }, Cancellation))
        {
            // Six trials each are another wish, whose searches are not over.
            RaceResult soFar = await stopped.ResultAsync(Cancellation);
            Assert.Contains("The searches are under way: 4 of 6 trials each, each 50 % of a full run.", soFar.Notes);
        }

        await using Race second = await Race.OpenAsync(journal, "race", options, Cancellation);
        await second.RunAsync(Run, Cancellation);
        Assert.Equal(2 * (4 + 3), _ran.Count);
        RaceVerdict verdict = (await second.ResultAsync(Cancellation)).Verdict;

        // What is over stays over; more seeds are only added.
        await using Race third = await Race.OpenAsync(journal, "race", options, Cancellation);
        await third.RunAsync(Run, Cancellation);
        Assert.Equal(14, _ran.Count);
        Assert.Equal(verdict.Sentence, (await third.ResultAsync(Cancellation)).Verdict.Sentence);
        await using Race more = await Race.OpenAsync(journal, "race", options with { Seeds = 5 }, Cancellation);
        await more.RunAsync(Run, Cancellation);
        Assert.Equal(18, _ran.Count);
    }

    [Fact]
    public async Task CheckAsync_WithFreshSeeds_HoldsWhatIsTrue()
    {
        await using Race race = await Race.OpenAsync("memory:", "race", Options("good", "worse+1"), Cancellation);
        await race.RunAsync(Run, Cancellation);
        RaceCheck check = (await race.CheckAsync(Run, 10, Cancellation))!;

        Assert.True(check.Holds, check.Sentence);
        Assert.Empty(check.Seeds.Intersect(race.Seeds));
        Assert.Equal(10, check.Difference!.Value.Count);
        Assert.StartsWith("The recommendation holds: good is better than worse+1, it says; with 10 fresh seeds worse+1 is worse by ", check.Sentence);
    }

    [Fact]
    public async Task CheckAsync_OfALuckyRecommendation_DoesNotHold()
    {
        // "worse+1" does well with the seeds of the race only.
        Task<TrialResult> Lucky(RaceRun run, CancellationToken cancellation) => run is { IsSearch: false, Contender.Name: "worse+1", Seed: < 100 } ? Task.FromResult<TrialResult>(-10 + (0.001 * run.Seed)) : Run(run, cancellation);
        await using Race race = await Race.OpenAsync("memory:", "race", Options("good", "worse+1"), Cancellation);
        await race.RunAsync(Lucky, Cancellation);
        RaceCheck check = (await race.CheckAsync(Lucky, 10, Cancellation))!;

        Assert.Equal("worse+1", check.Best);
        Assert.False(check.Holds, check.Sentence);
        Assert.Contains("does not hold", check.Sentence);
    }

    [Fact]
    public void Options_ThatCanNotBe_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Options("alone") with { Contenders = [Named("alone")] });
        Assert.Throws<ArgumentException>(() => Options("a") with { Contenders = [Named("a"), Named("a")] });
        Assert.Throws<ArgumentOutOfRangeException>(() => Options("a", "b") with { Seeds = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Options("a", "b") with { SearchLength = 0 });
        Assert.Throws<ArgumentException>(() => Named("a/b"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Options("a", "b") with { Seed = long.MinValue });
    }

    [Fact]
    public async Task OpenAsync_WithoutAName_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await Race.OpenAsync("memory:", " ", Options("a", "b"), Cancellation));

    [Fact]
    public async Task OpenAsync_OfARaceWithOtherSpaces_IsRefusedAndLeavesTheJournalToItsOwner()
    {
        await using IJournal journal = await JournalCatalog.OpenAsync("memory:", cancellation: Cancellation);
        await using (await Race.OpenAsync(journal, "race", Options("a", "b"), Cancellation))
        {
        }

        Contender other = new() { Name = "b", Space = new SearchSpace(Parameter.Log("rate", 1e-3, 1)) };
        await Assert.ThrowsAsync<StudyException>(async () => await Race.OpenAsync(journal, "race", Options("a", "b") with { Contenders = [Named("a"), other] }, Cancellation));
        await using Race again = await Race.OpenAsync(journal, "race", Options("a", "b"), Cancellation);
    }

    [Fact]
    public async Task OpenAsync_WithEqualSecondsAndNoTime_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await Race.OpenAsync("memory:", "race", Options("a", "b") with { Equal = EqualBudget.Seconds }, Cancellation));

    [Theory]
    [InlineData(0.5, 15.0)]
    [InlineData(1, 10.0)]
    [InlineData(2, 0.0)]
    [InlineData(-1, null)]
    public void Crossing_IsInterpolated(double target, double? expected) => Assert.Equal(expected, Crossing.Of([0, 10, 20], [2, 1, 0], target, Direction.Minimize));

    private static RaceOptions Options(params string[] names) => new() { Contenders = [.. names.Concat(names.Length == 1 ? ["other"] : []).Select(Named)], Trials = 6, Seeds = 5 };

    private static Contender Named(string name) => new() { Name = name, Space = new SearchSpace(Parameter.Log("rate", 1e-4, 1)), Start = new Dictionary<string, ParameterValue> { ["rate"] = 1e-2 }, Widened = ["rate"] };

    private static RaceEntry Entry(RaceResult result, string name) => result.Entries.Single(entry => entry.Name == name);

    private static async Task<RaceResult> RunAsync(RaceOptions options, Func<RaceRun, CancellationToken, Task<TrialResult>> run)
    {
        await using Race race = await Race.OpenAsync("memory:", "race", options, Cancellation);
        await race.RunAsync(run, Cancellation);
        return await race.ResultAsync(Cancellation);
    }

    /// <summary>A falling curve of ten steps, whose end is as much worse as the contender's name says; seeds shift all contenders alike, and each a little.</summary>
    private async Task<TrialResult> Run(RaceRun run, CancellationToken cancellation)
    {
        _ran.Add((run.Contender.Name, run.IsSearch, run.Seed, run.Length));
        string name = run.Contender.Name;
        double worse = name.Contains('+', StringComparison.Ordinal) ? double.Parse(name[(name.IndexOf('+', StringComparison.Ordinal) + 1)..], null) : 0;
        double off = Math.Log10(run.Configuration.Number("rate")) + 2;
        double end = worse + (0.1 * off * off) + new CounterRandom(run.Seed).NextNormal() + (0.05 * new CounterRandom(run.Seed, [.. name.Select(static letter => (long)letter)]).NextNormal());
        for (int step = 1; step <= 10; step++)
        {
            await run.Trial.ReportAsync(step, end + (10.0 / step) - 1, cancellation);
        }

        return end;
    }
}
