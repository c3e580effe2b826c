using Descent.Tuning;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Tuning;

/// <summary>Trials as a table that is redrawn in place, of all workers that share the study.</summary>
internal sealed class LiveTuneDisplay : TuneDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly IAnsiConsole _console;
    private readonly Study _study;
    private readonly TuneTable _table;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _drawing;
    private volatile string? _note;

    /// <summary>Begins to draw.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="study">What to show.</param>
    /// <param name="table">How.</param>
    public LiveTuneDisplay(IAnsiConsole console, Study study, TuneTable table)
    {
        (_console, _study, _table) = (console, study, table);
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
                live.UpdateTarget(await FrameAsync().ConfigureAwait(false));
                await Task.Delay(Interval, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            live.UpdateTarget(await FrameAsync().ConfigureAwait(false));
        }
    });

    private async Task<IRenderable> FrameAsync()
    {
        try
        {
            return await _study.ViewAsync(history => _table.Draw(history, trial => Steps.TryGetValue(trial, out (long, long?) step) ? step : null, _console.Profile.Width, _console.Profile.Height, DateTimeOffset.UtcNow, _note)).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is StudyException or Journal.JournalException)
        {
            // The work says it, where it matters; a picture doesn't end a study.
            return new Text(fault.Message, new Style(Color.Red));
        }
    }
}
