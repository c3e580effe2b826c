using Descent.Cli.Tuning;
using Descent.Training;
using Descent.Tuning;
using Descent.Tuning.Races;
using Descent.Tuning.Statistics;

namespace Descent.Cli.Comparing;

/// <summary>What a contender cost, read off the metrics of its runs.</summary>
/// <param name="StepSeconds">The median time of a step.</param>
/// <param name="SecondsToTarget">Seconds of training to the target, with the interval of the mean; none: a run did not reach it.</param>
/// <param name="Seconds">Seconds of training of a whole run, on average.</param>
/// <param name="PeakMemory">The highest resident memory of a run's process.</param>
/// <param name="StateBytes">Bytes of the optimizer's states.</param>
/// <param name="Curves">Of each run: steps, seconds and values of the deciding metric.</param>
internal sealed record EntryFigures(
    double? StepSeconds, ConfidenceInterval? SecondsToTarget, double? Seconds, long? PeakMemory, long? StateBytes, IReadOnlyList<(long Seed, IReadOnlyList<long> Steps, IReadOnlyList<double> Seconds, IReadOnlyList<double> Values)> Curves)
{
    /// <summary>Reads the runs of a contender; those whose folder is gone are left out.</summary>
    public static EntryFigures Of(RaceEntry entry, double? target, Direction direction)
    {
        (long Seed, MetricsLog Log)[] logs =
        [
            .. entry.Runs.Where(static run => run.Notes.TryGetValue("run", out string? folder) && File.Exists(Path.Combine(folder, "metrics.jsonl")))
                .Select(static run => (run.Seed, MetricsLog.Read(Path.Combine(run.Notes["run"], "metrics.jsonl")))),
        ];
        if (logs.Length == 0)
        {
            return new EntryFigures(null, null, null, null, null, []);
        }

        var curves = logs.Select(static run => (
            run.Seed,
            Steps: (IReadOnlyList<long>)[.. Deciding(run.Log).Select(static validation => validation.Step)],
            Seconds: (IReadOnlyList<double>)[.. Deciding(run.Log).Select(static validation => validation.Seconds)],
            Values: (IReadOnlyList<double>)[.. Deciding(run.Log).Select(validation => validation.Metrics[run.Log.Starts[^1].Metric])])).ToArray();
        double?[] reached = [.. curves.Select(curve => target is { } value ? Crossing.Of(curve.Seconds, curve.Values, value, direction) : null)];
        return new EntryFigures(
            RunFigures.StepSeconds(logs.Select(static run => run.Log)),
            reached.All(static seconds => seconds is not null) ? ConfidenceInterval.OfMean([.. reached.Select(static seconds => seconds!.Value)]) : null,
            logs.Where(static run => run.Log.Stopped is not null).Select(static run => (double?)run.Log.Stopped!.Seconds).Average(),
            logs.Max(static run => RunFigures.PeakMemory(run.Log)),
            RunFigures.StateBytes(logs[0].Log),
            curves);
    }

    private static IEnumerable<ValidationReport> Deciding(MetricsLog log) => log.Validations.Where(validation => validation.Metrics.ContainsKey(log.Starts[^1].Metric));
}
