using Descent.Journal;

namespace Descent.Tuning.Tests.Studies;

/// <summary>How trials end that don't end well: the reason is kept, and the study goes on.</summary>
public sealed class TrialEndTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Optimize_WithAnObjectiveThatThrows_KeepsTheReason()
    {
        TrialRecord[] trials = await RunAsync(static (trial, _) => trial.Number == 1 ? throw new InvalidDataException("the data has no rows") : Task.FromResult<TrialResult>(1.0), new OptimizeOptions { Trials = 3 });
        Assert.Equal([TrialState.Complete, TrialState.Failed, TrialState.Complete], trials.Select(static trial => trial.State));
        Assert.Equal("InvalidDataException: the data has no rows", trials[1].Reason);
        Assert.Equal(1, trials[1].Attempts);
    }

    [Fact]
    public async Task Optimize_WithRetries_TriesAgainAndFailsAtLast()
    {
        TrialRecord[] trials = await RunAsync(
            static (trial, _) => trial.Number == 1 || trial.Attempt < 2 ? throw new IOException($"attempt {trial.Attempt}") : Task.FromResult<TrialResult>(1.0),
            new OptimizeOptions { Trials = 2, Retries = 2 });
        Assert.Equal([(TrialState.Complete, 2, null), (TrialState.Failed, 3, "IOException: attempt 3")], trials.Select(static trial => (trial.State, trial.Attempts, trial.Reason)));
    }

    [Fact]
    public async Task Optimize_WithResultsThatAreNoNumbers_FailsThoseTrials()
    {
        TrialRecord[] trials = await RunAsync(static (trial, _) => Task.FromResult(trial.Number == 0 ? double.NaN : TrialResult.Failed("diverged at step 12")), new OptimizeOptions { Trials = 2 });
        Assert.Equal([(TrialState.Failed, "the objective is NaN"), (TrialState.Failed, "diverged at step 12")], trials.Select(static trial => (trial.State, trial.Reason)));
    }

    [Fact]
    public async Task Optimize_WithALimitOfTime_CancelsAndFailsTheTrial()
    {
        TrialRecord[] trials = await RunAsync(
            static async (trial, cancellation) =>
            {
                await Task.Delay(trial.Number == 0 ? Timeout.Infinite : 0, cancellation);
                return 1.0;
            },
            new OptimizeOptions { Trials = 2, Limits = new TrialLimits { Time = TimeSpan.FromMilliseconds(100) } });
        Assert.Equal([TrialState.Failed, TrialState.Complete], trials.Select(static trial => trial.State));
        Assert.Matches("^it took 0.[0-9] s of 0.1 s; give it more time, or less to do$", trials[0].Reason);
    }

    [Fact]
    public async Task Optimize_WithALimitOfMemory_CancelsAndFailsTheTrial()
    {
        TrialRecord[] trials = await RunAsync(WaitAsync, new OptimizeOptions { Trials = 1, Limits = new TrialLimits { Memory = 1 << 20 } });
        Assert.Equal(TrialState.Failed, trials[0].State);
        Assert.Matches("^it took [0-9.]+ MiB of memory, of 1 MiB; give it more, or make it smaller$", trials[0].Reason);
        StudyException fault = await Assert.ThrowsAsync<StudyException>(() => RunAsync(WaitAsync, new OptimizeOptions { Workers = 2, Limits = new TrialLimits { Memory = 1 << 20 } }));
        Assert.StartsWith("A limit of memory can't be kept for each of 2 trials in one process.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Optimize_WithALimitOfDisk_CancelsAndFailsTheTrial()
    {
        using TemporaryFolder folder = new();
        TrialRecord[] trials = await RunAsync(
            static async (trial, cancellation) =>
            {
                await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(trial.Folder!, "checkpoints")).FullName, "model"), new byte[3000], cancellation);
                return await WaitAsync(trial, cancellation);
            },
            new OptimizeOptions { Trials = 1, Limits = new TrialLimits { Disk = 2048 } },
            folder.FullName);
        Assert.Equal((TrialState.Failed, "its folder holds 2.9 KiB, of 2 KiB; give it more, or keep fewer checkpoints"), (trials[0].State, trials[0].Reason));
    }

    [Fact]
    public async Task Optimize_WithAnObjectiveThatCannotBeStopped_FailsTheTrialAndTheWorker()
    {
        await using MemoryJournal journal = new();
        await using Study study = await Study.OpenAsync(journal, "test", new StudyOptions { Space = Quadratic.Space }, Cancellation);
        TaskCompletionSource<TrialResult> never = new();
        StudyException fault = await Assert.ThrowsAsync<StudyException>(() => study.OptimizeAsync(
            (_, _) => never.Task,
            new OptimizeOptions { Trials = 3, Grace = TimeSpan.FromMilliseconds(50), Limits = new TrialLimits { Time = TimeSpan.FromMilliseconds(50) } },
            Cancellation));
        Assert.StartsWith("Trial 0 was cancelled and did not return within 0.1 s.", fault.Message, StringComparison.Ordinal);
        TrialRecord failed = await study.ViewAsync(static history => Assert.Single(history.Finished), Cancellation);
        Assert.StartsWith("it took ", failed.Reason, StringComparison.Ordinal);
        never.SetResult(1.0);
    }

    [Fact]
    public async Task Optimize_WhenStopped_GivesTheTrialsBack()
    {
        await using MemoryJournal journal = new();
        await using Study study = await Study.OpenAsync(journal, "test", new StudyOptions { Space = Quadratic.Space }, Cancellation);
        using CancellationTokenSource stop = new();
        int begun = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => study.OptimizeAsync(
            async (trial, cancellation) =>
            {
                if (Interlocked.Increment(ref begun) == 2)
                {
                    await stop.CancelAsync();
                }

                return await WaitAsync(trial, cancellation);
            },
            new OptimizeOptions { Trials = 5, Workers = 2 },
            stop.Token));
        TrialRecord[] trials = await study.ViewAsync(static history => history.Trials.ToArray(), Cancellation);
        Assert.Equal([(TrialState.Waiting, "its worker was stopped"), (TrialState.Waiting, "its worker was stopped")], trials.Select(static trial => (trial.State, trial.Reason)));
    }

    [Fact]
    public async Task Optimize_WithALimitOfItsOwnTime_BeginsNoMoreTrials()
    {
        TrialRecord[] trials = await RunAsync(static (_, _) => Task.FromResult<TrialResult>(1.0), new OptimizeOptions { Time = TimeSpan.Zero });
        Assert.Empty(trials);
    }

    private static async Task<TrialResult> WaitAsync(Trial trial, CancellationToken cancellation)
    {
        await Task.Delay(Timeout.Infinite, cancellation);
        return 1.0;
    }

    private static async Task<TrialRecord[]> RunAsync(Func<Trial, CancellationToken, Task<TrialResult>> objective, OptimizeOptions options, string? folder = null)
    {
        await using MemoryJournal journal = new();
        await using Study study = await Study.OpenAsync(journal, "test", new StudyOptions { Space = Quadratic.Space, Folder = folder }, Cancellation);
        await study.OptimizeAsync(objective, options, Cancellation);
        return await study.ViewAsync(static history => history.Trials.ToArray(), Cancellation);
    }
}
