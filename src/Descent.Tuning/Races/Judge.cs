using System.Globalization;
using Descent.Tuning.Statistics;

namespace Descent.Tuning.Races;

/// <summary>Ranks contenders, tests them against the best one, and says what follows.</summary>
internal static class Judge
{
    /// <summary>Ranked and tested: fewest failed runs first, then by the mean.</summary>
    public static IReadOnlyList<RaceEntry> Rank(IEnumerable<RaceEntry> entries, Direction direction)
    {
        RaceEntry[] ranked =
        [
            .. entries
                .OrderBy(static entry => entry.Final is null)
                .ThenBy(static entry => entry.FailedRuns)
                .ThenBy(entry => entry.Final is { } final ? Loss(final.Mean, direction) : double.PositiveInfinity),
        ];
        if (ranked is not [{ Final: not null } best, ..])
        {
            return ranked;
        }

        RaceComparison?[] comparisons = [.. ranked.Select(entry => entry == best ? null : Compare(entry, best, direction))];
        double[] adjusted = HolmCorrection.Adjust([.. comparisons.OfType<RaceComparison>().Select(static comparison => comparison.PValue)]);
        int next = 0;
        return [.. ranked.Zip(comparisons, (entry, comparison) => comparison is null ? entry : entry with { AgainstBest = comparison with { AdjustedPValue = adjusted[next++] } })];
    }

    /// <summary>How one differs from another on common seeds; none: there are fewer than two, or only failures.</summary>
    public static RaceComparison? Compare(RaceEntry entry, RaceEntry best, Direction direction)
    {
        (double Own, double Best)[] pairs =
        [
            .. from run in entry.Runs
               join other in best.Runs on run.Seed equals other.Seed
               select (Loss(run.Value, direction), Loss(other.Value, direction)),
        ];

        // Two runs that both failed are alike.
        double[] differences = [.. pairs.Select(static pair => pair.Own.Equals(pair.Best) ? 0 : pair.Own - pair.Best)];
        return differences.Length < 2 ? null
            : differences.All(double.IsFinite)
                ? new RaceComparison(differences.Length, ConfidenceInterval.OfMean(differences), RaceComparison.TTest, PairedTest.T(differences), 1)
                : new RaceComparison(differences.Length, null, RaceComparison.SignedRank, PairedTest.SignedRank(differences), 1);
    }

    /// <summary>The recommendation.</summary>
    public static RaceVerdict Recommend(IReadOnlyList<RaceEntry> ranked)
    {
        if (ranked is not [{ Final: { } final } best, ..])
        {
            return new RaceVerdict(null, null, [], false, ranked.All(static entry => entry.Runs.Count == 0)
                ? "No recommendation yet: no run at the best settings has been done."
                : "No recommendation: no run has ended well.");
        }

        RaceEntry[] others = [.. ranked.Skip(1)];
        RaceEntry? next = others.FirstOrDefault(static entry => entry.Final is not null);
        string end = $"ends at {Number(final.Mean)}{Spread(final)}{(best.FailedRuns > 0 ? $" where it does not fail, {best.FailedRuns} of {best.Runs.Count} runs" : "")}";
        string own = $"{best.Name} {end}";
        if (next is null)
        {
            return new RaceVerdict(best.Name, null, [], false, $"No comparison: {own}, and no other contender has a run that ended well.");
        }

        // One that fails more often than the best is no equal, whatever a test of few seeds can tell.
        RaceEntry[] ran = [.. others.Where(entry => entry.Runs.Count > 0 && entry.FailedRuns <= best.FailedRuns)];
        RaceEntry[] failing = [.. others.Where(entry => entry.FailedRuns > best.FailedRuns)];
        RaceEntry[] alike = [.. ran.Where(static entry => entry.AgainstBest is not { IsWorse: true })];
        string[] names = [.. alike.Select(static entry => entry.Name)];
        string failed = failing.Length == 0 ? "" : $"; {List([.. failing.Select(static entry => $"{entry.FailedRuns} of {entry.Runs.Count} runs of {entry.Name}")])} failed";
        int comparisons = others.Count(static entry => entry.AgainstBest is not null);
        RaceVerdict Verdict(bool isSure, string sentence) => new(best.Name, next.Name, names, isSure, sentence);
        if (comparisons == 0)
        {
            return Verdict(false, $"No recommendation yet: {own} and has the best mean, but with fewer than two common seeds nothing tells it from chance{failed}.");
        }

        if (ran.Length == 0)
        {
            return Verdict(false, $"Take {best.Name}: it {end} over {best.Runs.Count} seeds, and all others fail more often{failed}.");
        }

        if (alike.Length == 0)
        {
            RaceComparison closest = ran[0].AgainstBest!;
            double largest = ran.Max(static entry => entry.AgainstBest!.AdjustedPValue);
            string than = ran.Length == 1 ? ran[0].Name : $"every other contender{(failing.Length > 0 ? " that does not fail" : "")}; than the next, {ran[0].Name},";
            string by = closest.Difference is { } difference ? $" by {Number(difference.Mean)}{Spread(difference)}" : "";
            string most = largest > closest.AdjustedPValue ? $"; the largest of all p is {P(largest)[4..]}" : "";
            return Verdict(true,
                $"Take {best.Name}: it {end} over {best.Runs.Count} seeds, significantly better than {than}{by} ({closest.Test}, {P(closest.AdjustedPValue)}{Correction(comparisons)}{most}){failed}.");
        }

        int worse = ran.Length - alike.Length;
        string rest = worse == 0 ? "" : $"; {worse} other{(worse == 1 ? " is" : "s are")} significantly worse";
        string tested = alike.FirstOrDefault(static entry => entry.AgainstBest is not null)?.AgainstBest is { } test
            ? $" ({test.Test}, {P(alike.Min(static entry => entry.AgainstBest?.AdjustedPValue ?? 1))}{(alike.Length > 1 ? " or more" : "")}{Correction(comparisons)})"
            : "";
        return Verdict(false,
            $"No significant difference between {List([best.Name, .. names])}{tested}: {own} and has the best mean, but {best.Runs.Count} seeds can't tell it from chance{rest}{failed}.");
    }

    /// <summary>Whether fresh seeds say the same.</summary>
    public static RaceCheck Check(RaceVerdict verdict, RaceEntry best, RaceEntry next, IReadOnlyList<long> seeds, Direction direction)
    {
        RaceComparison? comparison = Compare(next, best, direction);
        double p = comparison?.PValue ?? 1;
        double by = comparison?.Difference?.Mean ?? next.FailedRuns - best.FailedRuns;
        bool holds = verdict.IsSure ? by > 0 && p < RaceComparison.Level : comparison is not null && !(by < 0 && p < RaceComparison.Level);
        string shown = comparison?.Difference is { } difference ? $"{next.Name} is {(difference.Mean >= 0 ? "worse" : "better")} by {Number(Math.Abs(difference.Mean))}{Spread(difference.Mean >= 0 ? difference : Negated(difference))}"
            : $"{best.FailedRuns} runs of {best.Name} and {next.FailedRuns} of {next.Name} failed";
        string said = verdict.IsSure ? $"{best.Name} is better than {next.Name}" : $"{best.Name} is no worse than {next.Name}";
        return new RaceCheck(best.Name, next.Name, seeds, comparison?.Difference, p, holds,
            $"The recommendation {(holds ? "holds" : "does not hold")}: {said}, it says; with {seeds.Count} fresh seeds {shown} ({comparison?.Test ?? "no test"}, {P(p)}).");
    }

    /// <summary>A value such that smaller is better; a run that failed is the worst.</summary>
    public static double Loss(double? value, Direction direction) => value is not { } number || double.IsNaN(number) ? double.PositiveInfinity : direction == Direction.Minimize ? number : -number;

    private static ConfidenceInterval Negated(ConfidenceInterval interval) => interval with { Mean = -interval.Mean, Low = -interval.High, High = -interval.Low };

    private static string Spread(ConfidenceInterval interval) => interval.Count > 1 ? $" (95 % interval {Number(interval.Low)} to {Number(interval.High)})" : "";

    private static string Correction(int comparisons) => comparisons > 1 ? $" after Holm's correction for {comparisons} comparisons" : "";

    private static string P(double p) => p < 1e-4 ? "p < 0.0001" : string.Create(CultureInfo.InvariantCulture, $"p = {p:G2}");

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string List(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
