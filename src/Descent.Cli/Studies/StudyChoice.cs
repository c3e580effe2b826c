using Descent.Tuning;

namespace Descent.Cli.Studies;

/// <summary>Which trials of a large study are drawn: the best ones and those of every objective's front, and of the others every so manieth. The table has them all.</summary>
internal static class StudyChoice
{
    /// <summary>Points that a chart can hold without becoming slow.</summary>
    public const int MostPoints = 2000;

    /// <summary>Lines that parallel coordinates can hold and the eye can tell apart.</summary>
    public const int MostLines = 600;

    /// <summary>Curves of one chart.</summary>
    public const int MostCurves = 80;

    /// <summary>Points of one curve.</summary>
    public const int MostCurvePoints = 200;

    /// <summary>Spans of the timeline.</summary>
    public const int MostSpans = 3000;

    /// <summary>The numbers of the trials that are drawn, ascending.</summary>
    /// <param name="ranked">Candidates, the most important first.</param>
    /// <param name="most">How many at most.</param>
    public static int[] Of(IReadOnlyList<TrialRecord> ranked, int most)
    {
        if (ranked.Count <= most)
        {
            return [.. ranked.Select(static trial => trial.Number).Order()];
        }

        int best = most / 4;
        TrialRecord[] rest = [.. ranked.Skip(best).OrderBy(static trial => trial.Number)];
        return [.. ranked.Take(best).Concat(Evenly(rest, most - best)).Select(static trial => trial.Number).Order()];
    }

    /// <summary>So many of a list, evenly spread, its ends among them.</summary>
    /// <typeparam name="T">Of what.</typeparam>
    /// <param name="all">The list.</param>
    /// <param name="most">How many at most; at least 2.</param>
    public static IEnumerable<T> Evenly<T>(IReadOnlyList<T> all, int most) =>
        all.Count <= most ? all : Enumerable.Range(0, most).Select(i => all[(int)((long)i * (all.Count - 1) / (most - 1))]);

    /// <summary>Complete trials: those that no other is better than in every objective first, then by the sum of their ranks.</summary>
    /// <param name="history">The study's trials.</param>
    /// <param name="front">The numbers of the front's trials.</param>
    public static TrialRecord[] Ranked(TrialHistory history, IReadOnlyCollection<int> front)
    {
        TrialRecord[] complete = [.. history.Finished.Where(static trial => trial.State == TrialState.Complete)];
        double[] ranks = new double[history.Trials.Count];
        for (int objective = 0; objective < history.Directions.Count; objective++)
        {
            int place = 0;
            foreach (TrialRecord trial in complete.OrderBy(trial => history.Loss(trial, objective)))
            {
                ranks[trial.Number] += place++;
            }
        }

        HashSet<int> first = [.. front];
        return [.. complete.OrderBy(trial => first.Contains(trial.Number) ? 0 : 1).ThenBy(trial => ranks[trial.Number])];
    }

    /// <summary>The numbers of the Pareto front's trials, by the first objective. Empty with one objective.</summary>
    /// <param name="history">The study's trials.</param>
    public static int[] Front(TrialHistory history) => history.Directions.Count < 2 ? [] : [.. history.Front().Select(static trial => trial.Number)];
}
