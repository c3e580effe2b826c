using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>What the trials of a study are compared by, in the order of its journal: the metric that decides within a run comes first where it is among them, as reports and pruners are about the first one.</summary>
internal sealed class TuneObjectives
{
    private const string Metrics = "validation/";

    // What validations of the built-in losses have; a loss of one's own may have more.
    private static readonly string[] KnownMetrics = ["validation/loss", "validation/nats_per_byte", "validation/accuracy", "validation/mean_absolute_error", "validation/r2"];

    private TuneObjectives(IReadOnlyList<TuneObjective> all, string deciding) => (All, Deciding) = (all, deciding);

    /// <summary>The metric that decides within a run, whether it is an objective or not.</summary>
    public string Deciding { get; }

    /// <summary>The objectives.</summary>
    public IReadOnlyList<TuneObjective> All { get; }

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names => [.. All.Select(static objective => objective.Name)];

    /// <summary>Which way each gets better.</summary>
    public IReadOnlyList<Direction> Directions => [.. All.Select(static objective => objective.Direction)];

    /// <summary>Whether there are several, and so a front instead of a best trial.</summary>
    public bool Several => All.Count > 1;

    /// <summary>Whether the metric that decides within a run is the first one: then validations are reports of it.</summary>
    public bool Reports => All[0].Name == Deciding;

    /// <summary>Whether that metric is the only one: what is compared where nothing is said.</summary>
    public bool IsMetricAlone => !Several && Reports;

    /// <summary>Whether metrics are compared that aren't the one by which a run chooses its best weights.</summary>
    public bool AreOfOtherWeights => OtherMetrics.Count > 0 && !Reports;

    /// <summary>The metrics of validations that a run has to have beside the one that decides.</summary>
    public IReadOnlyList<string> OtherMetrics => [.. All.Where(objective => objective.IsMetric && objective.Name != Deciding).Select(static objective => objective.Name)];

    /// <summary>The objective of a study where nothing is said.</summary>
    /// <param name="validation">Names the metric.</param>
    public static TuneObjectives Default(ValidationOptions validation) => new([TuneObjective.Metric(validation.Metric, validation.LowerIsBetter)], validation.Metric);

    /// <summary>Finds objectives by their names.</summary>
    /// <param name="names">The names; none: the metric that decides.</param>
    /// <param name="said">Where they were given, as a message begins.</param>
    /// <param name="validation">Names the metric that decides within a run.</param>
    /// <exception cref="BadInputException">There is none of a name, or one is given twice.</exception>
    public static TuneObjectives Of(IReadOnlyList<string>? names, string said, ValidationOptions validation)
    {
        if (names is null)
        {
            return Default(validation);
        }

        if (names.Count == 0)
        {
            throw new BadInputException($"{said}, which names none {Allowed(validation)}");
        }

        if (names.GroupBy(static name => name).FirstOrDefault(static group => group.Skip(1).Any()) is { } twice)
        {
            throw new BadInputException($"{said}, which has '{twice.Key}' {(twice.Count() == 2 ? "twice" : $"{twice.Count()} times")}; name each objective once");
        }

        TuneObjective[] all = [.. names.Select(name => Find(name, said, validation)).OrderBy(objective => objective.Name == validation.Metric ? 0 : 1)];
        return new TuneObjectives(all, validation.Metric);
    }

    /// <summary>What a study of several or other objectives has in its <c>tune</c> section; empty: it compares by the metric alone.</summary>
    public string Yaml => IsMetricAlone ? "" : $"tune:\n  objectives: [{string.Join(", ", Names)}]\n";

    /// <summary>All names and values: <c>validation/loss 1.234, seconds 12.3 s</c>.</summary>
    /// <param name="values">The values, in the order of the objectives.</param>
    public string Say(IReadOnlyList<double> values) => string.Join(", ", All.Zip(values, static (objective, value) => objective.Say(value)));

    /// <summary>What a run that was trained to its end comes to.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="metric">The value of a metric, by its name and with what the run wrote down; none: there is none.</param>
    /// <param name="missing">What it has no value of, in words; null: it has all.</param>
    /// <returns>A value for each objective; NaN for what is missing.</returns>
    public double[] ValuesOf(string folder, Func<string, Lazy<MetricsLog>, double?> metric, out string? missing)
    {
        Lazy<MetricsLog> log = new(() => MetricsLog.Read(Path.Combine(folder, "metrics.jsonl")));
        double?[] values = [.. All.Select(objective => objective.OfRun is { } cost ? cost(log.Value) : metric(objective.Name, log))];
        int none = Array.FindIndex(values, static value => value is null);
        missing = none < 0 ? null : All[none] is { IsMetric: true } unknown ? $"no validation gave a number for {unknown.Name}" : $"the run was too short to tell its {All[none].Name}";
        return [.. values.Select(static value => value ?? double.NaN)];
    }

    /// <summary>What a run that was trained to its end comes to.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="best">The best value of the metric that decides; none: no validation gave one.</param>
    public TrialResult ResultOf(string folder, double? best)
    {
        double[] values = ValuesOf(folder, (name, log) => name == Deciding ? best : MetricAtBest(log.Value, name), out string? missing);
        return missing is null ? TrialResult.Complete(values) : TrialResult.Failed(missing);
    }

    // All of one model: the one that the run calls its best.
    private static double? MetricAtBest(MetricsLog log, string name) => log.Stopped?.BestStep is { } step
        && log.Validations.LastOrDefault(validation => validation.Step == step) is { } validated && validated.Metrics.TryGetValue(name, out double value) ? value : null;

    private static TuneObjective Find(string name, string said, ValidationOptions validation)
    {
        if (name == validation.Metric)
        {
            return TuneObjective.Metric(name, validation.LowerIsBetter);
        }

        if (TuneObjective.Costs.FirstOrDefault(cost => cost.Name == name) is { } known)
        {
            return known;
        }

        string[] near = [validation.Metric, .. KnownMetrics, .. TuneObjective.Costs.Select(static cost => cost.Name)];
        string? meant = near.FirstOrDefault(candidate => candidate == Metrics + name) ?? Nearest(name, near);

        // Which metrics there are, the first validation knows, and refuses others; a slip is found before anything is trained.
        return name.StartsWith(Metrics, StringComparison.Ordinal) && name.Length > Metrics.Length && (meant is null || KnownMetrics.Contains(name))
            ? TuneObjective.Metric(name, (validation with { Metric = name }).LowerIsBetter)
            : throw new BadInputException($"{said}, and there is no objective '{name}'{(meant is null ? "" : $", did you mean '{meant}'?")} {Allowed(validation)}");
    }

    // All metrics begin alike: what they are called after that must be near.
    private static string? Nearest(string name, string[] known)
    {
        static string Last(string name) => name.StartsWith(Metrics, StringComparison.Ordinal) ? name[Metrics.Length..] : name;
        return NearestName.Of(name, known) is { } nearest && NearestName.IsNear(Last(name), Last(nearest)) ? nearest : null;
    }

    private static string Allowed(ValidationOptions validation) =>
        $"(allowed: {validation.Metric}, another metric of the validations ({Metrics}…), {string.Join(", ", TuneObjective.Costs.Select(static cost => cost.Name))})";
}
