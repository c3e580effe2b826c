using Descent.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Progress;

/// <summary>Progress as a panel that is redrawn in place, with samples and warnings scrolling by above it.</summary>
/// <remarks>
/// The training thread only takes the events in. A task of its own redraws a few times a second, so a step costs the display next to nothing and a
/// slow terminal never holds training up. <see cref="Dispose"/> gives the terminal back in order, however the run ended.
/// </remarks>
/// <param name="console">The terminal.</param>
/// <param name="time">The clock of the redraws.</param>
internal sealed class LiveProgress(IAnsiConsole console, TimeProvider time) : ITrainingObserver, IDisposable
{
    /// <summary>Time between two drawings.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    internal const string EraseBelow = "\e[J";

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private ProgressState? _state;
    private Task _drawing = Task.CompletedTask;

    /// <inheritdoc/>
    public void OnStarted(RunStarted started)
    {
        foreach (string line in RunText.Head(started).Skip(1))
        {
            console.Write(new Text(line + "\n"));
        }

        _state = new ProgressState(started);
        _drawing = Task.Run(DrawAsync);
    }

    /// <inheritdoc/>
    public void OnStep(StepReport step) => Change(state => state.Add(step));

    /// <inheritdoc/>
    public void OnValidated(ValidationReport validation) => Change(state => state.Add(validation));

    /// <inheritdoc/>
    public void OnCheckpoint(CheckpointReport checkpoint) => Change(state => state.Add(checkpoint));

    /// <inheritdoc/>
    public void OnSample(SampleReport sample) => Note(new Rows(
        new Text($"sample at step {Figures.Whole(sample.Step)}", new Style(Color.Grey)),
        new Padder(new Text(RunText.Sample(sample)), new Padding(2, 0, 0, 0))));

    /// <inheritdoc/>
    public void OnWarning(string message) => Note(new Text("warning: " + message, new Style(Color.Yellow)));

    /// <inheritdoc/>
    public void OnStopped(RunStopped stopped)
    {
        Dispose();
        if (_state is not null)
        {
            foreach (string line in RunText.End(_state.Start, stopped, _state.Step))
            {
                console.Write(new Text(line + "\n"));
            }
        }
    }

    /// <summary>Draws the last state and leaves the terminal as it was found: the panel stays, the cursor stands below it and shows.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _drawing.GetAwaiter().GetResult();
    }

    private void Change(Action<ProgressState> change)
    {
        if (_state is not null)
        {
            lock (_gate)
            {
                change(_state);
            }
        }
    }

    // While the panel is up, what is written goes where its top was, and the panel again below it.
    private void Note(IRenderable text) => console.Write(new OverPanel(text));

    private Task DrawAsync() => console.Live(Draw()).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                live.UpdateTarget(Draw());
            }
        }
        catch (OperationCanceledException)
        {
            // A terminal echoes ^C into the panel: wipe it away before the last drawing.
            console.Write(new ControlCode(EraseBelow));
            live.UpdateTarget(Draw());
        }
    });

    private IRenderable Draw()
    {
        lock (_gate)
        {
            return ProgressPanel.Draw(_state!, console.Profile.Width, console.Profile.Capabilities.Unicode);
        }
    }

    /// <summary>Text that first wipes away the panel it is written over.</summary>
    private sealed class OverPanel(IRenderable text) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [Segment.Control(EraseBelow), .. text.Render(options, maxWidth), Segment.LineBreak];
    }
}
