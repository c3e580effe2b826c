using Descent.Cli.Progress;
using Descent.Training.Folds;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Validation;

/// <summary>Folds as a table that is redrawn in place.</summary>
internal sealed class LiveFoldsDisplay : FoldsDisplay
{
    private const int Rows = 20;

    private static readonly Style Soft = new(Color.Grey);

    private readonly FoldOptions _folds;
    private readonly string _metric;
    private readonly LiveArea _area;
    private volatile string? _note;

    /// <summary>Begins to draw.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="folds">How the data is divided.</param>
    /// <param name="metric">The metric that decides.</param>
    public LiveFoldsDisplay(IAnsiConsole console, FoldOptions folds, string metric)
    {
        (_folds, _metric) = (folds, metric);
        _area = new LiveArea(console, () => Task.FromResult(Draw()));
    }

    /// <inheritdoc/>
    public override void Say(string message) => _note = message;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _area.DisposeAsync();

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
