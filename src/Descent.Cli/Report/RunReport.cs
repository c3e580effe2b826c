using Descent.Training;

namespace Descent.Cli.Report;

/// <summary>A run as the report sees it: its events and the figures that sum it up.</summary>
internal sealed record RunReport
{
    /// <summary>The events.</summary>
    public required MetricsLog Log { get; init; }

    /// <summary>What the page calls the run: its folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>The latest start: what was trained.</summary>
    public RunStarted Start => Log.Starts[^1];

    /// <summary>Optimizer steps done.</summary>
    public long Steps => Math.Max(Log.Steps.Count > 0 ? Log.Steps[^1].Step : Start.Step, Log.Stopped?.Step ?? 0);

    /// <summary>Seconds of training over all sessions.</summary>
    public double Seconds => Log.Stopped?.Seconds ?? (Log.Steps.Count > 0 ? Log.Steps[^1].Seconds : 0);

    /// <summary>Passes over the training data.</summary>
    public double? Epochs => Log.Steps.Count > 0 ? Log.Steps[^1].Epoch : null;

    /// <summary>The best value of the deciding metric and its step.</summary>
    public (long Step, double Value)? Best { get; private init; }

    /// <summary>The last value of the deciding metric.</summary>
    public double? FinalMetric { get; private init; }

    /// <summary>The training loss averaged over the last twentieth of the steps.</summary>
    public double? FinalLoss { get; private init; }

    /// <summary>The median of the steps' throughput: pauses for validation don't count.</summary>
    public double? Throughput { get; private init; }

    /// <summary>Highest resident memory in bytes.</summary>
    public long? PeakMemory { get; private init; }

    /// <summary>A metric's name as words: "validation/nats_per_byte" reads "validation nats per byte".</summary>
    public static string Words(string metric) => metric.Replace('/', ' ').Replace('_', ' ');

    /// <summary>Reads the metrics of a run directory.</summary>
    /// <exception cref="BadInputException">The directory isn't one of a run.</exception>
    public static RunReport Read(string runDirectory)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(runDirectory));
        if (!Directory.Exists(full))
        {
            throw new BadInputException(
                $"There is no run directory {full}. Name the folder of a run: the one that 'descent train' prints and that holds metrics.jsonl.");
        }

        MetricsLog log = MetricsLog.Read(Path.Combine(full, "metrics.jsonl"));
        string metric = log.Starts[^1].Metric;
        List<ValidationReport> deciding = [.. log.Validations.Where(validation => validation.Metrics.ContainsKey(metric))];
        return new RunReport
        {
            Log = log,
            Name = Path.GetFileName(full),
            Best = BestOf(log, deciding, metric),
            FinalMetric = deciding.Count > 0 ? deciding[^1].Metrics[metric] : null,
            FinalLoss = log.Steps.Count > 0 ? log.Steps.TakeLast(Math.Max(1, log.Steps.Count / 20)).Average(step => step.Loss) : null,
            Throughput = Median(log.Steps.Select(step => step.Throughput)),
            PeakMemory = log.Steps.Count > 0 ? log.Steps.Max(step => step.PeakMemory) : null,
        };
    }

    private static (long Step, double Value)? BestOf(MetricsLog log, List<ValidationReport> deciding, string metric) => log.Stopped switch
    {
        { BestStep: { } step, BestMetric: { } value } => (step, value),
        _ => deciding.LastOrDefault(validation => validation.IsBest) is { } best ? (best.Step, best.Metrics[metric]) : null,
    };

    private static double? Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
