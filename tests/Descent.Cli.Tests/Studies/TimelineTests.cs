using Descent.Cli.Studies;
using Descent.Journal;
using Descent.Tuning;
using Microsoft.Extensions.Time.Testing;

namespace Descent.Cli.Tests.Studies;

public sealed class TimelineTests
{
    private static readonly SearchSpace Space = new(Parameter.Uniform("x", 0, 1));

    [Fact]
    public async Task Of_TrialsAtOnceAndGivenBack_HasALaneForEach()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var journal = new MemoryJournal(clock);
        await using Study first = await OpenAsync("a"), second = await OpenAsync("b");

        Trial one = (await first.AskAsync(cancellation))!;
        clock.Advance(TimeSpan.FromSeconds(1));
        Trial two = (await first.AskAsync(cancellation))!;
        clock.Advance(TimeSpan.FromSeconds(2));
        await first.ReleaseAsync(one, "interrupted", cancellation);
        await first.TellAsync(two, 1, cancellation);
        clock.Advance(TimeSpan.FromSeconds(3));
        Trial again = (await second.AskAsync(cancellation))!;
        clock.Advance(TimeSpan.FromSeconds(4));

        (Timeline? timeline, TrialSpan[] spans, TimeSpan duration) = await first.ViewAsync(
            history => (Timeline.Of(history, clock.GetUtcNow()), history.Trials[0].Spans.ToArray(), history.Trials[0].Duration), cancellation);

        Assert.Equal(one.Number, again.Number);
        Assert.Equal(["a #1", "a #2", "b"], timeline!.Lanes);
        Assert.Equal(
            [new Timeline.Bar(0, 0, 0, 3, false), new Timeline.Bar(1, 1, 1, 2, true), new Timeline.Bar(0, 2, 6, 4, true)],
            timeline.Bars);
        Assert.Equal(["a", "b"], spans.Select(static span => span.Worker));
        Assert.Null(spans[1].End);
        Assert.Equal(TimeSpan.FromSeconds(3), duration);

        ValueTask<Study> OpenAsync(string worker) => Study.OpenAsync(journal, "study", new StudyOptions { Space = Space, Worker = worker, Clock = clock }, cancellation);
    }

    [Fact]
    public async Task Of_AStudyNobodyWorkedAt_IsNone()
    {
        await using Study study = await Histories.StudyAsync(0);

        Assert.Null(await study.ViewAsync(static history => Timeline.Of(history, DateTimeOffset.UtcNow), TestContext.Current.CancellationToken));
    }
}
