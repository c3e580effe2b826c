using Descent.Training.Folds;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Validation;

/// <summary>Folds as a table that is redrawn in place.</summary>
internal sealed class LiveFoldsDisplay : FoldsDisplay
{
    private const int Rows = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly Style Soft = new(Color.Grey);

    private readonly IAnsiConsole _console;
    private readonly FoldOptions _folds;
    private readonly string _metric;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _drawing;
    private volatile string? _note;

    /// <summary>Begins to draw.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="folds">How the data is divided.</param>
    /// <param name="metric">The metric that decides.</param>
    public LiveFoldsDisplay(IAnsiConsole console, FoldOptions folds, string metric)
    {
        (_console, _folds, _metric) = (console, folds, metric);
        _drawing = Task.Run(DrawAsync);
    }

    /// <inheritdoc/>
    public override void Say(string message) => _note = message;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _drawing.ConfigureAwait(false);
        _stop.Dispose();
    }

    private Task DrawAsync() => _console.Live(new Text("")).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
    {
        try
        {
            while (true)
            {
                live.UpdateTarget(Draw());
                await Task.Delay(Interval, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            live.UpdateTarget(Draw());
        }
    });

    private IRenderable Draw()
    {
        var table = new Table().Border(TableBorder.Rounded).BorderStyle(Soft);
        foreach (string head in (string[])["fold", "state", "trained on", "held out", "step", "time", _metric])
        {
            table.AddColumn(new TableColumn(new Text(head)).RightAligned().NoWrap());
        }

        // Of many folds, those under way and those that are done last.
        int[] begun = [.. Enumerable.Range(0, _folds.Total).Where(fold => Results.ContainsKey(fold) || Steps.ContainsKey(fold))];
        foreach (int fold in begun.TakeLast(Rows))
        {
            FoldResult? result = Results.GetValueOrDefault(fold);
            (long Step, long? Total) at = Steps.GetValueOrDefault(fold);
            table.AddRow(
                new Text(FoldsText.Name(_folds, fold)),
                result is null ? new Text("running") : new Text("done", new Style(Color.Green)),
                new Text(result is null ? "…" : Figures.Whole(result.TrainingSamples)),
                new Text(result is null ? "…" : Figures.Whole(result.ValidationSamples)),
                new Text(result is null ? $"{Figures.Whole(at.Step)}{(at.Total is { } total ? "/" + Figures.Whole(total) : "")}" : Figures.Whole(result.Steps)),
                new Text(result is null ? "…" : Figures.Duration(result.Seconds)),
                new Text(result is not null && result.Metrics.TryGetValue(_metric, out double value) ? Figures.Number(value) : "…"));
        }

        var counts = new Text($"{Results.Count} of {_folds.Total} folds done");
        return _note is { } note ? new Rows(counts, table, new Text(note, new Style(Color.Yellow))) : new Rows(counts, table);
    }
}
