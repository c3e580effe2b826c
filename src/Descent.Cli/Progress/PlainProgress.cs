using Descent.Training;

namespace Descent.Cli.Progress;

/// <summary>Progress as plain lines, for files, pipes and machines: a step every few seconds, and everything that happens seldom.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="time">The clock that spaces the steps.</param>
internal sealed class PlainProgress(TextWriter output, TimeProvider time) : ITrainingObserver
{
    /// <summary>Time between two lines about steps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private ProgressState? _state;
    private long? _lastLine;
    private long _shown = -1;

    /// <inheritdoc/>
    public void OnStarted(RunStarted started)
    {
        _state = new ProgressState(started);
        foreach (string line in RunText.Head(started))
        {
            output.WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public void OnStep(StepReport step)
    {
        if (_state is null)
        {
            return;
        }

        _state.Add(step);
        if (_lastLine is { } last && time.GetElapsedTime(last) < Interval)
        {
            return;
        }

        _lastLine = time.GetTimestamp();
        _shown = step.Step;
        output.WriteLine(RunText.Step(_state));
    }

    /// <inheritdoc/>
    public void OnValidated(ValidationReport validation) =>
        output.WriteLine($"validation at step {Figures.Whole(validation.Step)}: {RunText.Metrics(validation)}{(validation.IsBest ? " (best)" : "")}");

    /// <inheritdoc/>
    public void OnSample(SampleReport sample) =>
        output.WriteLine($"sample at step {Figures.Whole(sample.Step)}: {RunText.Sample(sample).ReplaceLineEndings(" ⏎ ")}");

    /// <inheritdoc/>
    public void OnCheckpoint(CheckpointReport checkpoint) =>
        output.WriteLine($"checkpoint at step {Figures.Whole(checkpoint.Step)}: {checkpoint.Path}{(checkpoint.IsBest ? " (best)" : "")}");

    /// <inheritdoc/>
    public void OnWarning(string message) => output.WriteLine("warning: " + message);

    /// <inheritdoc/>
    public void OnStopped(RunStopped stopped)
    {
        if (_state is null)
        {
            return;
        }

        if (_state.Step is { } last && last.Step != _shown)
        {
            output.WriteLine(RunText.Step(_state));
        }

        foreach (string line in RunText.End(_state.Start, stopped, _state.Step))
        {
            output.WriteLine(line);
        }
    }
}
