using System.Text.Json.Serialization.Metadata;

namespace Descent.Training;

/// <summary>Keeps every event of a run as one JSON object a line in a file, usually <c>metrics.jsonl</c>. <see cref="MetricsLog"/> reads it back.</summary>
/// <remarks>
/// A line is handed to the operating system as soon as it is complete: a killed run loses at most the line being written. When a run resumes from step
/// S, the lines of later steps describe work that will be done again, so they are dropped first; a run that starts from step 0 starts its file anew.
/// </remarks>
/// <param name="path">The file to write; it is opened, and created with its folder, when the run starts.</param>
public sealed class MetricsFile(string path) : ITrainingObserver, IDisposable
{
    private FileStream? _file;
    private long _step;

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="BadInputException">The run resumes and the file has a complete line that is not an event.</exception>
    public void OnStarted(RunStarted started)
    {
        ArgumentNullException.ThrowIfNull(started);
        _file?.Dispose();
        _step = started.Step;
        _file = OpenAt(path, started.Step);
        Append("started", started, MetricsLine.Json.RunStarted);
    }

    /// <inheritdoc/>
    public void OnStep(StepReport step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _step = step.Step;
        Append("step", step, MetricsLine.Json.StepReport);
    }

    /// <inheritdoc/>
    public void OnValidated(ValidationReport validation) => Append("validation", validation, MetricsLine.Json.ValidationReport);

    /// <inheritdoc/>
    public void OnSample(SampleReport sample) => Append("sample", sample, MetricsLine.Json.SampleReport);

    /// <inheritdoc/>
    public void OnCheckpoint(CheckpointReport checkpoint) => Append("checkpoint", checkpoint, MetricsLine.Json.CheckpointReport);

    /// <inheritdoc/>
    public void OnWarning(string message) => Append("warning", new WarningReport(_step, message), MetricsLine.Json.WarningReport);

    /// <inheritdoc/>
    public void OnStopped(RunStopped stopped) => Append("stopped", stopped, MetricsLine.Json.RunStopped);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    private void Append<T>(string name, T report, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (_file is null)
        {
            throw new InvalidOperationException($"The event '{name}' came before the run was started. Call {nameof(OnStarted)} first.");
        }

        // One write a line: an unbuffered stream hands it to the system whole.
        _file.Write(MetricsLine.Write(name, report, type));
    }

    private static FileStream OpenAt(string path, long step)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string temporary = full + ".tmp";
        using (var kept = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            if (step > 0 && File.Exists(full))
            {
                foreach (MetricsLine line in MetricsLog.Lines(full).Where(line => line.Read(MetricsLine.Json.EventHead).Step <= step))
                {
                    kept.Write(line.Bytes.Span);
                    kept.WriteByte((byte)'\n');
                }
            }

            kept.Flush(flushToDisk: true);
        }

        File.Move(temporary, full, overwrite: true);
        return new FileStream(full, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }
}
