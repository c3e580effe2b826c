using Descent.Journal;
using Descent.Tuning;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Progress;

/// <summary>A part of the terminal that is redrawn in place, twice a second and once at its end.</summary>
internal sealed class LiveArea : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly IAnsiConsole _console;
    private readonly Func<Task<IRenderable>> _draw;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _drawing;

    /// <summary>Begins to draw.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="draw">Makes the picture.</param>
    public LiveArea(IAnsiConsole console, Func<Task<IRenderable>> draw)
    {
        (_console, _draw) = (console, draw);
        _drawing = Task.Run(DrawAsync);
    }

    /// <summary>Draws a last time, and leaves that picture.</summary>
    public async ValueTask DisposeAsync()
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
            // A terminal echoes ^C into the picture: wipe it away before the last drawing.
            _console.Write(new ControlCode(LiveProgress.EraseBelow));
            live.UpdateTarget(await FrameAsync().ConfigureAwait(false));
        }
    });

    private async Task<IRenderable> FrameAsync()
    {
        try
        {
            return await _draw().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is StudyException or JournalException)
        {
            // The work says it, where it matters; a picture doesn't end it.
            return new Text(fault.Message, new Style(Color.Red));
        }
    }
}
