using System.Globalization;
using System.Text;
using Descent.Optimizers;
using Descent.Race;

namespace OptimizerPages;

/// <summary>The table of all rules.</summary>
internal static class OverviewPage
{
    public static string Write(IEnumerable<(string Kind, OptimizerOptions Options)> rules, Evidence evidence)
    {
        var page = new StringBuilder(
            """
            # Optimizers

            Generated from measurements; `tools/OptimizerPages` says how. Which one to take: [choosing.md](choosing.md). How states are stored in fewer bytes:
            [state-storage.md](state-storage.md).

            - **state**: bytes a parameter of a large matrix, in fp32 (8-bit states: a quarter of it and 0.03).
            - **step**: time of one step over GPT-2 small's 124.4 M parameters, over the time that memory alone needs for the same bytes. Two cores of a
              shared server whose memory moves 93 GB/s: `descent bench step`.
            - **loss**: held-out loss in nats a byte of a 0.4 M-parameter GPT on the SDK's documentation after 100 steps, mean and standard deviation of three seeds;
              every rule had at most five tuning runs for its learning rate, a factor of 2 apart, that follow the slope from a usual rate and may end in a dip (`nadamw`,
              `adam_mini` and `adam_article` did: their kin reach 2.5), and one schedule for all (warm-up, stable, decay; Schedule-Free without the decay). Short runs favour rules that start fast.
            - **steps**: steps to the loss that AdamW ends with, by interpolation; — where a rule doesn't get there. `dotnet run -c Release --project bench/Descent.Race -- small RESULTS.jsonl`.

            | rule | paper | state | step | loss | steps | when to take it |
            |---|---|---|---|---|---|---|

            """);
        double target = evidence.YardstickFinals.Count > 0 ? evidence.YardstickFinals.Average(static run => run.Score()) : double.NegativeInfinity;
        foreach ((string kind, OptimizerOptions options) in rules)
        {
            Advice? advice = Advice.Of.GetValueOrDefault(kind);
            IReadOnlyList<JobResult> finals = evidence.Finals(kind);
            page.Append(CultureInfo.InvariantCulture, $"| [`{kind}`](optimizers/{kind}.md) | {(advice is null ? "" : $"[{advice.Paper}]({advice.Url})")} | {StateBytes(options)} | ");
            page.Append(CultureInfo.InvariantCulture, $"{(evidence.OfBound(kind) is { } ofBound ? $"{ofBound.ToString("F2", CultureInfo.InvariantCulture)} ×" : "")} | ");
            page.Append(CultureInfo.InvariantCulture, $"{(finals.Count > 0 ? Evidence.MeanAndSpread([.. finals.Select(static run => run.Score())], "F3") : "")} | ");
            page.Append(CultureInfo.InvariantCulture, $"{Steps(finals, target)} | {advice?.When} |\n");
        }

        page.Append(Challenge(evidence));
        return page.ToString();
    }

    private static string Steps(IReadOnlyList<JobResult> finals, double target)
    {
        double[] steps = [.. finals.Select(run => Evidence.StepsTo(run, target)).OfType<double>()];
        return finals.Count == 0 ? "" : steps.Length < finals.Count ? "—" : Evidence.MeanAndSpread(steps, "F0");
    }

    private static string StateBytes(OptimizerOptions options)
    {
        // A matrix large enough that a row or a column weighs nothing.
        long[] shape = [4096, 4096];
        TensorSlot facts = TensorSlot.OfShape(shape);
        double elements = options.State.Select(state => state.ShapeFor(shape, facts)).Sum(static extents => extents.Length == 0 ? 0 : extents.Aggregate(1.0, static (product, size) => product * size));
        return (4 * elements / (4096.0 * 4096.0)).ToString("0.##", CultureInfo.InvariantCulture);
    }

    private static string Challenge(Evidence evidence)
    {
        var contenders = evidence.Challenge.Where(static entry => entry.Runs.Count > 0).ToList();
        var reference = contenders.Find(static entry => entry.Contender == "adamw");
        if (reference.Runs is null)
        {
            return "";
        }

        (int fullSteps, double[] fullLosses) = reference.Runs[^1];
        double target = fullLosses.Average();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""

            ## Fewer steps

            The default run's 3.7 M-parameter GPT on the SDK's documentation. Every contender had the same tuning budget (at most five short runs); AdamW then ran {fullSteps} steps
            with three seeds and ended at {Evidence.MeanAndSpread(fullLosses, "F4")} nats a token. The others ran shorter schedules, each laid out over its own steps; the
            last column is the number of steps, by interpolation between them, that ends at AdamW's loss. `dotnet run -c Release --project bench/Descent.Race -- large RESULTS.jsonl`.

            | contender | rate | held-out loss by steps | steps to AdamW's loss |
            |---|---|---|---|

            """);
        foreach ((string contender, double rate, var runs) in contenders)
        {
            string losses = string.Join("; ", runs.Select(static run => $"{run.Steps}: {Evidence.MeanAndSpread(run.Losses, "F4")}"));
            text.Append(CultureInfo.InvariantCulture, $"| {contender} | {rate:G3} | {losses} | {(contender == "adamw" ? $"{fullSteps}" : Fraction(runs, target, fullSteps))} |\n");
        }

        return text.ToString();
    }

    // A seed's own crossing, so that the spread is one of steps.
    private static string Fraction(IReadOnlyList<(int Steps, double[] Losses)> runs, double target, int fullSteps)
    {
        var steps = new List<double>();
        for (int seed = 0; seed < runs.Min(static run => run.Losses.Length); seed++)
        {
            double? crossing = runs[0].Losses[seed] <= target ? runs[0].Steps : null;
            for (int i = 1; i < runs.Count && crossing is null; i++)
            {
                (double a, double b) = (runs[i - 1].Losses[seed], runs[i].Losses[seed]);
                if (b <= target)
                {
                    crossing = runs[i - 1].Steps + ((runs[i].Steps - runs[i - 1].Steps) * (a - target) / (a - b));
                }
            }

            if (crossing is not { } found)
            {
                return runs[^1].Losses.Average() > target ? $"more than {runs[^1].Steps}" : "not with every seed";
            }

            steps.Add(found);
        }

        bool first = runs[0].Losses.All(loss => loss <= target);
        return (first ? "at most " : "") + Evidence.MeanAndSpread(steps, "F0")
            + string.Create(CultureInfo.InvariantCulture, $" (**{steps.Average() / fullSteps:F2} ×**)");
    }
}
