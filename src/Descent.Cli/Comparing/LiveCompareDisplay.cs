using System.Diagnostics;
using Descent.Cli.Progress;
using Descent.Tuning.Races;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Comparing;

/// <summary>A comparison as a table that is redrawn in place.</summary>
internal sealed class LiveCompareDisplay : CompareDisplay
{
    private static readonly Style Soft = new(Color.Grey);

    private readonly Race _race;
    private readonly string _metric;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly LiveArea _area;
    private volatile string? _note;

    /// <summary>Begins to draw.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="race">What to show.</param>
    /// <param name="metric">The metric that decides.</param>
    public LiveCompareDisplay(IAnsiConsole console, Race race, string metric)
    {
        (_race, _metric) = (race, metric);
        _area = new LiveArea(console, FrameAsync);
    }

    /// <inheritdoc/>
    public override void Say(string message) => _note = message;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _area.DisposeAsync();

    /// <summary>The table.</summary>
    internal static IRenderable Draw(RaceResult result, RaceOptions options, string metric, IEnumerable<KeyValuePair<(string Contender, string Run), string>> underWay, double seconds, string? note)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderStyle(Soft);
        foreach (string head in new[] { "optimizer", "searched", "best in search", "seeds", metric, "now" })
        {
            table.AddColumn(new TableColumn(new Text(head)).NoWrap());
        }

        ILookup<string, string> now = underWay.ToLookup(static entry => entry.Key.Contender, static entry => entry.Value);
        foreach (RaceEntry entry in result.Entries)
        {
            bool isBest = entry.Name == result.Verdict.Best && entry.Runs.Count > 0;
            table.AddRow(
                new Text(entry.Name, isBest ? new Style(Color.Green) : Style.Plain),
                new Text($"{entry.Trials}{(options.Equal == EqualBudget.Trials ? $"/{options.Trials}" : $" in {Figures.Duration(entry.SearchTime.TotalSeconds)}")}{(entry.Failed > 0 ? $", {entry.Failed} failed" : "")}"),
                new Text(entry.SearchValue is { } value ? Figures.Number(value) : "…"),
                new Text($"{entry.Runs.Count}/{options.Seeds}{(entry.FailedRuns > 0 ? $", {entry.FailedRuns} failed" : "")}"),
                new Text(entry.Final is null ? "…" : CompareText.Interval(entry.Final)),
                new Text(string.Join("; ", now[entry.Name].Order(StringComparer.Ordinal)), Soft));
        }

        string of = options.Time is { } time ? $" of {Figures.Duration(time.TotalSeconds)}" : "";
        var foot = new Text($"{Figures.Duration(seconds)}{of}", Soft);
        return note is null ? new Rows(table, foot) : new Rows(table, foot, new Text(note, new Style(Color.Yellow)));
    }

    private async Task<IRenderable> FrameAsync() =>
        Draw(await _race.ResultAsync().ConfigureAwait(false), _race.Options, _metric, UnderWay, Stopwatch.GetElapsedTime(_start).TotalSeconds, _note);
}
