using Descent.Cli.Progress;
using Descent.Tuning;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Tuning;

/// <summary>Trials as a table that is redrawn in place, of all workers that share the study.</summary>
internal sealed class LiveTuneDisplay : TuneDisplay
{
    private readonly IAnsiConsole _console;
    private readonly Study _study;
    private readonly TuneTable _table;
    private readonly LiveArea _area;
    private volatile string? _note;

    /// <summary>Begins to draw.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="study">What to show.</param>
    /// <param name="table">How.</param>
    public LiveTuneDisplay(IAnsiConsole console, Study study, TuneTable table)
    {
        (_console, _study, _table) = (console, study, table);
        _area = new LiveArea(console, FrameAsync);
    }

    /// <inheritdoc/>
    public override void Say(string message) => _note = message;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _area.DisposeAsync();

    private Task<IRenderable> FrameAsync() => _study.ViewAsync(history =>
        _table.Draw(history, trial => Steps.TryGetValue(trial, out (long, long?) step) ? step : null, _console.Profile.Width, _console.Profile.Height, DateTimeOffset.UtcNow, _note)).AsTask();
}
