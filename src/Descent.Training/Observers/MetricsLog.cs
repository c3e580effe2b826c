namespace Descent.Training;

/// <summary>The events of a run as <see cref="MetricsFile"/> kept them.</summary>
public sealed class MetricsLog
{
    private MetricsLog()
    {
    }

    private readonly List<RunStarted> _starts = [];
    private readonly List<StepReport> _steps = [];
    private readonly List<ValidationReport> _validations = [];
    private readonly List<SampleReport> _samples = [];
    private readonly List<CheckpointReport> _checkpoints = [];
    private readonly List<WarningReport> _warnings = [];

    /// <summary>The start of the run and of each of its resumptions; never empty.</summary>
    public IReadOnlyList<RunStarted> Starts => _starts;

    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<StepReport> Steps => _steps;

    /// <summary>The validations, in order.</summary>
    public IReadOnlyList<ValidationReport> Validations => _validations;

    /// <summary>The samples, in order.</summary>
    public IReadOnlyList<SampleReport> Samples => _samples;

    /// <summary>The checkpoints, in order; older ones may be gone from disk since.</summary>
    public IReadOnlyList<CheckpointReport> Checkpoints => _checkpoints;

    /// <summary>The warnings, in order.</summary>
    public IReadOnlyList<WarningReport> Warnings => _warnings;

    /// <summary>How the run ended, or null while it is running or when it was killed.</summary>
    public RunStopped? Stopped { get; private set; }

    /// <summary>Reads a metrics file. A last line without its end, torn by a crash or still being written, is left out.</summary>
    /// <param name="path">The file, usually <c>metrics.jsonl</c> in a run directory.</param>
    /// <exception cref="BadInputException">There is no such file, a complete line is not an event, or none is the start of a run.</exception>
    public static MetricsLog Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new BadInputException($"There is no metrics file {path}. Name the directory of a run that was started with 'descent train'.");
        }

        var log = new MetricsLog();
        foreach (MetricsLine line in Lines(path))
        {
            log.Add(line);
        }

        return log._starts.Count > 0
            ? log
            : throw new BadInputException($"{path} holds no start of a run: it is empty, or not the metrics file of a run directory.");
    }

    /// <summary>The complete lines of a file, one at a time, without empty ones; a line's bytes are good until the next is asked for.</summary>
    internal static IEnumerable<MetricsLine> Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] buffer = new byte[1 << 16];
        int filled = 0;
        int number = 0;
        while (true)
        {
            int read = file.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
            {
                yield break;
            }

            filled += read;
            int start = 0;
            for (int end; (end = Array.IndexOf(buffer, (byte)'\n', start, filled - start)) >= 0; start = end + 1)
            {
                number++;
                if (end > start)
                {
                    yield return new MetricsLine(path, number, buffer.AsMemory(start, end - start));
                }
            }

            filled -= start;
            buffer.AsSpan(start, filled).CopyTo(buffer);
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * buffer.Length);
            }
        }
    }

    private void Add(MetricsLine line)
    {
        string name = line.Read(MetricsLine.Json.EventHead).Event;
        switch (name)
        {
            case "started":
                _starts.Add(line.Read(MetricsLine.Json.RunStarted));
                Stopped = null;
                break;
            case "step":
                _steps.Add(line.Read(MetricsLine.Json.StepReport));
                break;
            case "validation":
                _validations.Add(line.Read(MetricsLine.Json.ValidationReport));
                break;
            case "sample":
                _samples.Add(line.Read(MetricsLine.Json.SampleReport));
                break;
            case "checkpoint":
                _checkpoints.Add(line.Read(MetricsLine.Json.CheckpointReport));
                break;
            case "warning":
                _warnings.Add(line.Read(MetricsLine.Json.WarningReport));
                break;
            case "stopped":
                Stopped = line.Read(MetricsLine.Json.RunStopped);
                break;
            default:
                throw line.Unreadable($"the event '{name}' is none of started, step, validation, sample, checkpoint, warning and stopped");
        }
    }
}
