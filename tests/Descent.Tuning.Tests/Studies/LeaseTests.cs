using Descent.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Descent.Tuning.Tests.Studies;

/// <summary>Workers that die, fall silent or come too late. A worker whose own clock stands still is one that the system has suspended.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private readonly SteppedTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ask_AfterALeaseRanOut_TakesTheTrialUp_AndTheOldHolderIsRefused()
    {
        await using MemoryJournal journal = new(_time);
        await using Study suspended = await OpenAsync(journal, "suspended", new FakeTimeProvider());
        Trial first = (await suspended.AskAsync(Cancellation))!;
        await first.ReportAsync(7, 0.7, Cancellation);

        _time.Advance(Lease);
        await using Study other = await OpenAsync(journal, "other", _time);
        Trial second = (await other.AskAsync(Cancellation))!;
        Assert.Equal((first.Number, first.Configuration), (second.Number, second.Configuration));
        Assert.Equal((1, 2), (first.Attempt, second.Attempt));
        Assert.Equal((null, new ReportedValue(7, 0.7)), (first.LastReport, second.LastReport));

        LeaseLostException lost = await Assert.ThrowsAsync<LeaseLostException>(async () => await first.ReportAsync(8, 0.8, Cancellation));
        Assert.Equal("The lease of trial 0 is lost: other has it, or had it last.", lost.Message);
        Assert.True(first.Cancellation.IsCancellationRequested);
        await Assert.ThrowsAsync<LeaseLostException>(async () => await first.NoteAsync("a", "b", Cancellation));
        await Assert.ThrowsAsync<LeaseLostException>(async () => await suspended.TellAsync(first, 1.0, Cancellation));
        await other.TellAsync(second, 2.0, Cancellation);
        await Assert.ThrowsAsync<LeaseLostException>(async () => await suspended.ReleaseAsync(first, "late", Cancellation));
        await Assert.ThrowsAsync<LeaseLostException>(async () => await other.TellAsync(second, 3.0, Cancellation));

        TrialRecord seen = await suspended.ViewAsync(static history => Assert.Single(history.Finished), Cancellation);
        Assert.Equal([2.0], seen.Objectives);
        Assert.Equal([new ReportedValue(7, 0.7)], seen.Reported);
        Assert.Empty(seen.Notes);
    }

    [Fact]
    public async Task Ask_WhileTheLeaseLasts_LeavesTheTrialAlone()
    {
        await using MemoryJournal journal = new(_time);
        await using Study first = await OpenAsync(journal, "first", new FakeTimeProvider());
        await using Study second = await OpenAsync(journal, "second", _time);
        Assert.Equal(0, (await first.AskAsync(Cancellation))!.Number);
        _time.Advance(Lease - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, (await second.AskAsync(Cancellation))!.Number);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, (await second.AskAsync(Cancellation))!.Number);
    }

    [Fact]
    public async Task Lease_OfALiveWorker_IsRenewedForAsLongAsItTakes()
    {
        await using MemoryJournal journal = new(_time);
        await using Study worker = await OpenAsync(journal, "worker", _time);
        Trial trial = (await worker.AskAsync(Cancellation))!;
        for (int quarter = 1; quarter <= 12; quarter++)
        {
            await _time.PassAsync(Lease / 4, Cancellation);
            await RenewedAsync(journal, quarter);
        }

        await using Study other = await OpenAsync(journal, "other", _time);
        Assert.Equal(1, (await other.AskAsync(Cancellation))!.Number);
        Assert.False(trial.Cancellation.IsCancellationRequested);
        await worker.TellAsync(trial, 1.0, Cancellation);
    }

    [Fact]
    public async Task Cancellation_WithoutTheJournal_ComesBeforeTheLeaseRunsOut()
    {
        await using JournalThatGoesAway journal = new(_time);
        await using Study worker = await OpenAsync(journal, "worker", _time);
        Trial trial = (await worker.AskAsync(Cancellation))!;
        journal.IsAway = true;
        _time.Advance((Lease * 2 / 3) - TimeSpan.FromMilliseconds(1));
        Assert.False(trial.Cancellation.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(trial.Cancellation.IsCancellationRequested);
        journal.IsAway = false;
        // Nobody has taken it up: giving it back still counts.
        await worker.ReleaseAsync(trial, "the journal was away", Cancellation);
        TrialRecord seen = await worker.ViewAsync(static history => Assert.Single(history.Unfinished), Cancellation);
        Assert.Equal((TrialState.Waiting, "the journal was away"), (seen.State, seen.Reason));
    }

    [Fact]
    public async Task Release_LetsAnotherTakeTheTrialUpAtOnce()
    {
        await using MemoryJournal journal = new(_time);
        await using Study first = await OpenAsync(journal, "first", _time);
        await using Study second = await OpenAsync(journal, "second", _time);
        Trial trial = (await first.AskAsync(Cancellation))!;
        await first.ReleaseAsync(trial, "enough", Cancellation);
        Trial again = (await second.AskAsync(Cancellation))!;
        Assert.Equal((0, 2), (again.Number, again.Attempt));
        await Assert.ThrowsAsync<LeaseLostException>(async () => await first.TellAsync(trial, 1.0, Cancellation));
    }

    [Fact]
    public async Task Ask_ForATrialThatKillsItsWorkers_FailsItAtLast()
    {
        await using MemoryJournal journal = new(_time);
        for (int death = 0; death < 3; death++)
        {
            await using Study dying = await OpenAsync(journal, $"dying{death}", new FakeTimeProvider());
            Assert.Equal(0, (await dying.AskAsync(Cancellation))!.Number);
            _time.Advance(Lease);
        }

        await using Study worker = await OpenAsync(journal, "worker", _time);
        Assert.Equal(1, (await worker.AskAsync(Cancellation))!.Number);
        TrialRecord failed = await worker.ViewAsync(static history => Assert.Single(history.Finished), Cancellation);
        Assert.Equal((TrialState.Failed, "its workers died or fell silent 3 times, the last one dying2"), (failed.State, failed.Reason));
    }

    [Fact]
    public async Task Optimize_WaitsForOrphans_AndRunsThem()
    {
        await using MemoryJournal journal = new(_time);
        await using Study dead = await OpenAsync(journal, "dead", new FakeTimeProvider());
        Assert.Equal(0, (await dead.AskAsync(Cancellation))!.Number);
        await using Study worker = await OpenAsync(journal, "worker", _time);
        Task run = worker.OptimizeAsync(Quadratic.Value, 3, Cancellation);
        for (int second = 0; second < 60; second++)
        {
            await _time.PassAsync(TimeSpan.FromSeconds(1), Cancellation);
        }

        await run;
        TrialRecord[] trials = await worker.ViewAsync(static history => history.Trials.ToArray(), Cancellation);
        Assert.Equal([(TrialState.Complete, 2), (TrialState.Complete, 1), (TrialState.Complete, 1)], trials.Select(static trial => (trial.State, trial.Attempts)));
        // The dead worker was heard of last when it began.
        Assert.True(trials[0].Duration < TimeSpan.FromSeconds(1));
    }

    private static async Task<Study> OpenAsync(IJournal journal, string worker, TimeProvider clock) => await Study.OpenAsync(
        journal, "test", new StudyOptions { Space = Quadratic.Space, Lease = Lease, Worker = worker, Clock = clock, MaximumLosses = 3 }, Cancellation);

    /// <summary>Waits until the background has renewed the lease so many times.</summary>
    private static async Task RenewedAsync(MemoryJournal journal, int times)
    {
        while ((await journal.ReadAsync(0, cancellation: Cancellation)).Count(static happened => happened.Kind == "trial.renewed") < times)
        {
            await Task.Delay(1, Cancellation);
        }
    }

    private sealed class JournalThatGoesAway(TimeProvider clock) : IJournal
    {
        private readonly MemoryJournal _journal = new(clock);

        public bool IsAway { get; set; }

        public ValueTask<AppendReceipt> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellation = default) =>
            IsAway ? throw new JournalException("away") : _journal.AppendAsync(events, cancellation);

        public ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(long after, string? stream = null, int limit = JournalEvent.Page, CancellationToken cancellation = default) =>
            IsAway ? throw new JournalException("away") : _journal.ReadAsync(after, stream, limit, cancellation);

        public ValueTask DisposeAsync() => _journal.DisposeAsync();
    }
}
