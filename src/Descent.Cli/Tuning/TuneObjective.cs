using Descent.Training;
using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>What trials are compared by: a metric of the validations, or something that a run costs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Short">Its name in a narrow column.</param>
/// <param name="Direction">Which way it gets better.</param>
/// <param name="Format">A value as a person reads it.</param>
/// <param name="OfRun">Its value in what a run wrote down; none: it is a metric of the validations, which are not only there.</param>
internal sealed record TuneObjective(string Name, string Short, Direction Direction, Func<double, string> Format, Func<MetricsLog, double?>? OfRun)
{
    /// <summary>What every run writes down of its cost.</summary>
    public static IReadOnlyList<TuneObjective> Costs { get; } =
    [
        new("seconds", "seconds", Direction.Minimize, Time, RunFigures.Seconds),
        new("step_seconds", "s/step", Direction.Minimize, Figures.Number, static log => RunFigures.StepSeconds([log])),
        new("throughput", "per s", Direction.Maximize, Figures.Throughput, RunFigures.Throughput),
        new("peak_memory", "memory", Direction.Minimize, Bytes, static log => RunFigures.PeakMemory(log)) { InBytes = true },
        new("state_bytes", "state", Direction.Minimize, Bytes, static log => RunFigures.StateBytes(log)) { InBytes = true },
        new("parameters", "params", Direction.Minimize, static value => Figures.Count((long)Math.Round(value)), static log => log.Starts[^1].Parameters),
    ];

    /// <summary>Whether it is a metric of the validations.</summary>
    public bool IsMetric => OfRun is null;

    /// <summary>Whether it is a number of bytes.</summary>
    public bool InBytes { get; private init; }

    /// <summary>Which way it gets better, in words.</summary>
    public string Better => Direction == Direction.Minimize ? "lower is better" : "higher is better";

    /// <summary>A metric of the validations.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="lowerIsBetter">Whether a smaller one is better.</param>
    public static TuneObjective Metric(string name, bool lowerIsBetter = true) => new(name, name.Split('/')[^1].Replace('_', ' '), lowerIsBetter ? Direction.Minimize : Direction.Maximize, Figures.Number, null);

    /// <summary>Name and value: <c>validation/loss 1.234</c>.</summary>
    public string Say(double value) => $"{Name} {Format(value)}";

    private static string Bytes(double value) => double.IsFinite(value) ? Figures.Bytes((long)Math.Round(value)) : Figures.Number(value);

    // Trials of a minute differ by parts of a second.
    private static string Time(double value) => value < 600 ? $"{Figures.Number(value)} s" : Figures.Duration(value);
}
