using System.Globalization;
using Descent.Tuning;
using Descent.Tuning.Races;
using Descent.Tuning.Statistics;

namespace Descent.Cli.Comparing;

/// <summary>The result as a table of text, the same in the terminal and on the page.</summary>
internal static class CompareText
{
    /// <summary>The heads of the columns.</summary>
    public static IReadOnlyList<string> Heads(Outcome outcome) =>
        ["optimizer", outcome.Metric, "behind", "p", "steps to target", "time to it", "step", "state", "peak memory", "failed"];

    /// <summary>A row for each contender.</summary>
    public static IEnumerable<IReadOnlyList<string>> Rows(Outcome outcome) => outcome.Rows.Select(row => Row(row.Entry, row.Figures, outcome));

    /// <summary>The heads of the columns about the searches.</summary>
    public static IReadOnlyList<string> SearchHeads { get; } = ["optimizer", "best settings", "in the search", "trials", "time of all", "at the end of its range"];

    /// <summary>What each search found.</summary>
    public static IEnumerable<IReadOnlyList<string>> Searches(Outcome outcome) => outcome.Result.Entries.Select(Search);

    /// <summary>A mean and half of its interval: 2.072 ± 0.018.</summary>
    public static string Interval(ConfidenceInterval? interval) =>
        interval is not { } known ? "–" : known.Count == 1 ? Figures.Number(known.Mean) : Figures.PlusMinus(known.Mean, known.HalfWidth);

    /// <summary>A p-value.</summary>
    public static string P(double p) => p < 1e-4 ? "<0.0001" : p.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>The target, and where it comes from.</summary>
    public static string Target(Outcome outcome) => outcome.Result.Target is not { } target ? outcome.Result.Entries.All(static entry => entry.Runs.Count == 0) ? "no target yet: its reference has no run at its best settings" : "no target: its reference has no run that ended well"
        : $"target: {outcome.Metric} {(outcome.Direction == Direction.Minimize ? "≤" : "≥")} {Figures.Number(target)}{(outcome.Result.TargetOf is { } of ? $", what {of} ends with at every seed" : "")}";

    private static string[] Row(RaceEntry entry, EntryFigures figures, Outcome outcome) =>
    [
        entry.Name,
        Interval(entry.Final),
        entry.AgainstBest?.Difference is { } difference ? Interval(difference) : entry.Name == outcome.Result.Verdict.Best ? "best" : "–",
        entry.AgainstBest is { } comparison ? P(comparison.AdjustedPValue) : "–",
        Reached(entry, entry.StepsToTarget, 0, ""),
        Reached(entry, figures.SecondsToTarget, 1, " s"),
        figures.StepSeconds is { } step ? Outcome.Time(step) : "–",
        figures.StateBytes is { } state ? Figures.Bytes(state) : "–",
        figures.PeakMemory is { } peak ? Figures.Bytes(peak) : "–",
        entry.FailedRuns > 0 ? $"{entry.FailedRuns} of {entry.Runs.Count}" : "",
    ];

    private static string[] Search(RaceEntry entry) =>
    [
        entry.Name,
        entry.Settings is { } settings ? Settings(settings) : "–",
        entry.SearchValue is { } value ? Figures.Number(value) : "–",
        entry.Trials == 0 ? "–" : $"{entry.Trials}{(entry.Pruned > 0 ? $", {entry.Pruned} stopped early" : "")}{(entry.Failed > 0 ? $", {entry.Failed} failed" : "")}",
        Figures.Duration(entry.SearchTime.TotalSeconds),
        entry.AtEdge.Count > 0 ? string.Join(", ", entry.AtEdge.Select(Short)) : "",
    ];

    private static string Settings(Configuration settings) => string.Join(", ", settings.Select(static pair => $"{Short(pair.Key)} {Tuning.TuneText.Value(pair.Value)}"));

    private static string Short(string key) => key.StartsWith("optimizer.", StringComparison.Ordinal) ? key["optimizer.".Length..] : key;

    private static string Reached(RaceEntry entry, ConfidenceInterval? interval, int decimals, string unit) =>
        interval is { } known ? (entry.StepsAreAtMost ? $"at most {Figures.Fixed(known.Mean, decimals)}" : known.Count == 1 ? Figures.Fixed(known.Mean, decimals) : Figures.PlusMinus(known.Mean, known.HalfWidth, decimals)) + unit
        : entry.Runs.Count == 0 ? "–"
        : entry.Reached == 0 ? "not reached"
        : $"reached {entry.Reached} of {entry.Runs.Count}";
}
