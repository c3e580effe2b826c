using Descent.Training;

namespace Descent.Cli.Tuning;

/// <summary>What a run cost, read off what it wrote down.</summary>
internal static class RunFigures
{
    /// <summary>Seconds of each step that followed another; of a resumed run, the time between its sessions is no step's.</summary>
    public static IEnumerable<double> StepTimes(MetricsLog log) => log.Steps.Zip(log.Steps.Skip(1))
        .Where(static pair => pair.Second.Step == pair.First.Step + 1 && pair.Second.Seconds > pair.First.Seconds)
        .Select(static pair => pair.Second.Seconds - pair.First.Seconds);

    /// <summary>The median time of a step; none: there were too few.</summary>
    public static double? StepSeconds(IEnumerable<MetricsLog> logs) => Median([.. logs.SelectMany(StepTimes)]);

    /// <summary>Seconds of training, over all sessions; none: no step is written down.</summary>
    public static double? Seconds(MetricsLog log) => log.Stopped?.Seconds ?? (log.Steps.Count > 0 ? log.Steps[^1].Seconds : null);

    /// <summary>Tokens or samples a second: the median of the later half of the steps, when all is warm.</summary>
    public static double? Throughput(MetricsLog log) => Median([.. log.Steps.Skip(log.Steps.Count / 2).Select(static step => step.Throughput)]);

    /// <summary>The highest resident memory of the run's process, over all sessions.</summary>
    public static long? PeakMemory(MetricsLog log) => log.Steps.Count > 0 ? log.Steps.Max(static step => step.PeakMemory) : null;

    /// <summary>Bytes of the optimizer's states.</summary>
    public static long StateBytes(MetricsLog log) => log.Starts[^1].Routing.Sum(static row => row.StateBytes);

    private static double? Median(double[] values)
    {
        Array.Sort(values);
        return values.Length == 0 ? null : values[values.Length / 2];
    }
}
