using Descent.Cli.Tests.Studies;
using Descent.Cli.Tuning;
using Descent.Tuning;
using Spectre.Console.Testing;

namespace Descent.Cli.Tests.Tuning;

public sealed class TuneTableTests
{
    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 30)]
    [InlineData(60, 12)]
    public async Task Draw_TakesALineForEachTrialAndNoMoreThanTheTerminal(int width, int height)
    {
        await using Study study = await Histories.StudyAsync(40, Histories.MixedAsync);

        string[] lines = await DrawnAsync(study, width, height, "stopping after this step, with a checkpoint; interrupt once more to quit at once");

        Assert.All(lines, line => Assert.True(line.TrimEnd().Length <= width, line));
        Assert.InRange(lines.Length, 8, height - 1);
        Assert.StartsWith(lines[0].TrimEnd('…'), "validation/loss: 40 of 50 trials: 23 complete, 8 pruned, 9 failed", StringComparison.Ordinal);
        Assert.InRange(lines[0].Length, 55, width);
        string[] rows = [.. lines.Where(static line => line.Length > 8 && char.IsAsciiDigit(line.TrimStart()[0]))];
        Assert.Equal(rows.Length, rows.Select(static row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]).Distinct().Count());
        Assert.Contains("best", rows[0]);
    }

    [Fact]
    public async Task Draw_InAWideTerminal_HasAColumnForEachParameter()
    {
        await using Study study = await Histories.StudyAsync(5, Histories.MixedAsync);

        string[] lines = await DrawnAsync(study, 140, 30, null);

        string head = Assert.Single(lines, static line => line.Contains("trial   state", StringComparison.Ordinal));
        Assert.Matches(@"trial\s+state\s+loss\s+step\s+time\s+kind\s+learning_rate\s+beta2\s+width\s+only", head);
        Assert.Contains(lines, static line => line.Contains("failed", StringComparison.Ordinal) && line.Contains("the loss is not finite at step 37", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("pruned", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(140)]
    public async Task Draw_OfSeveralObjectives_HasAColumnForEachAndMarksTheFront(int width)
    {
        TuneObjective[] objectives = [TuneObjective.Metric("validation/loss"), .. TuneObjective.Costs.Where(static cost => cost.Name is "seconds" or "peak_memory")];
        await using Study study = await Histories.StudyAsync(
            12, static trial => Task.FromResult(TrialResult.Complete(trial.Number % 4, 100 - trial.Number, 3 << 20)), [Direction.Minimize, Direction.Minimize, Direction.Minimize]);
        using var console = new TestConsole().Width(width);

        console.Write(await study.ViewAsync(history => new TuneTable(objectives, 12).Draw(history, static _ => null, width, 30, DateTimeOffset.UtcNow, null), TestContext.Current.CancellationToken));

        Assert.All(console.Lines, line => Assert.True(line.TrimEnd().Length <= width, line));
        Assert.StartsWith("validation/loss, seconds, peak_memory: 12 of 12 trials: 12 complete", console.Lines[0], StringComparison.Ordinal);
        Assert.Matches(@"trial\s+state\s+loss\s+seconds\s+memory\s+step\s+time\s+kind", Assert.Single(console.Lines, static line => line.Contains("trial  ", StringComparison.Ordinal)));
        string[] front = [.. console.Lines.Where(static line => line.Contains("front", StringComparison.Ordinal))];

        // Loss n mod 4, seconds 100 − n: the last of each loss, of which a lower one is slower.
        Assert.Equal(["8", "9", "10", "11"], front.Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
        Assert.Matches(@"8\s+front\s+0\s+92.00 s\s+3.0 MiB", front[0]);
    }

    [Fact]
    public async Task Draw_OfARunningTrial_CountsItsTime()
    {
        await using Study study = await Histories.StudyAsync(0);
        Trial? trial = await study.AskAsync(TestContext.Current.CancellationToken);
        using var console = new TestConsole().Width(100);
        DateTimeOffset start = await study.ViewAsync(static history => history.Trials[0].Spans[0].Start, TestContext.Current.CancellationToken);

        console.Write(await study.ViewAsync(history => new TuneTable([TuneObjective.Metric("loss")], null).Draw(history, static _ => (7, 1200), 100, 30, start.AddSeconds(65), null), TestContext.Current.CancellationToken));

        Assert.Contains(console.Lines, static line => line.Contains("running", StringComparison.Ordinal) && line.Contains("7/1,200", StringComparison.Ordinal) && line.Contains("1:05", StringComparison.Ordinal));
        Assert.NotNull(trial);
    }

    private static async Task<string[]> DrawnAsync(Study study, int width, int height, string? note)
    {
        using var console = new TestConsole().Width(width);
        console.Write(await study.ViewAsync(history => new TuneTable([TuneObjective.Metric("validation/loss")], 50).Draw(history, static _ => null, width, height, DateTimeOffset.UtcNow, note), TestContext.Current.CancellationToken));
        return [.. console.Lines.Select(static line => line.TrimEnd())];
    }
}
