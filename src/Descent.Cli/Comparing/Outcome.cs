using System.Globalization;
using Descent.Tuning;
using Descent.Tuning.Races;

namespace Descent.Cli.Comparing;

/// <summary>A race's result with what its contenders cost, and the recommendation that follows from both.</summary>
/// <param name="Result">The result.</param>
/// <param name="Figures">What each contender cost, in the result's order.</param>
/// <param name="Metric">The deciding metric.</param>
/// <param name="Direction">Which way it gets better.</param>
/// <param name="LeftOut">Optimizers that were not compared, and why.</param>
/// <param name="Check">Whether the recommendation held with fresh seeds; none: it was not checked.</param>
internal sealed record Outcome(
    RaceResult Result, IReadOnlyList<EntryFigures> Figures, string Metric, Direction Direction, IReadOnlyList<(string Name, string Why)> LeftOut, RaceCheck? Check)
{
    private const double Much = 1.25;

    /// <summary>Contenders with their costs, the best first.</summary>
    public IEnumerable<(RaceEntry Entry, EntryFigures Figures)> Rows => Result.Entries.Zip(Figures);

    /// <summary>The recommendation. Among equals, the one that costs less is named.</summary>
    public string Sentence
    {
        get
        {
            RaceVerdict verdict = Result.Verdict;
            if (verdict.IsSure || verdict.Alike.Count == 0)
            {
                return verdict.Sentence;
            }

            (RaceEntry Entry, EntryFigures Figures)[] equals = [.. Rows.Where(row => row.Entry.Name == verdict.Best || verdict.Alike.Contains(row.Entry.Name))];
            string[] cheaper = [.. Cheapest(equals, static figures => figures.StateBytes, "the least state", static bytes => Cli.Figures.Bytes((long)bytes)), .. Cheapest(equals, static figures => figures.StepSeconds, "the quickest step", Time)];
            return cheaper.Length == 0 ? verdict.Sentence : $"{verdict.Sentence.TrimEnd('.')}; of these, {string.Join(", and ", cheaper)}.";
        }
    }

    /// <summary>The result with its costs, read from the runs' files.</summary>
    public static Outcome Of(RaceResult result, CompareSetup setup, RaceCheck? check)
    {
        Direction direction = setup.Validation.LowerIsBetter ? Direction.Minimize : Direction.Maximize;
        return new Outcome(result, [.. result.Entries.Select(entry => EntryFigures.Of(entry, result.Target, direction))], setup.Validation.Metric, direction, setup.LeftOut, check);
    }

    /// <summary>A time of a step as a person reads it.</summary>
    public static string Time(double seconds) => (seconds * 1e3).ToString(seconds < 0.01 ? "0.00" : "0.#", CultureInfo.InvariantCulture) + " ms";

    // Worth saying where it is another than the best one, and by more than a little.
    private IEnumerable<string> Cheapest((RaceEntry Entry, EntryFigures Figures)[] equals, Func<EntryFigures, double?> cost, string what, Func<double, string> text)
    {
        (RaceEntry Entry, EntryFigures Figures)[] known = [.. equals.Where(row => cost(row.Figures) is not null)];
        (RaceEntry Entry, EntryFigures Figures) best = known.FirstOrDefault(row => row.Entry.Name == Result.Verdict.Best);
        if (known.Length > 1 && best.Entry is not null && known.MinBy(row => cost(row.Figures)) is var least && least.Entry != best.Entry && cost(best.Figures) > Much * cost(least.Figures))
        {
            yield return $"{least.Entry.Name} has {what} ({text(cost(least.Figures)!.Value)} against {text(cost(best.Figures)!.Value)})";
        }
    }
}
