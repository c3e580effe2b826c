using System.Globalization;

namespace Descent.Tuning.Pruners;

/// <summary>What pruners share: which reports are judged, and how values are compared and shown.</summary>
internal static class Judgement
{
    /// <summary>Whether a trial's newest report is to be judged: not before the warm-up, and once in every interval.</summary>
    public static bool IsDue(TrialRecord trial, long warmup, long interval)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (trial.Reported.Count == 0)
        {
            return false;
        }

        long step = trial.Reported[^1].Step;
        if (step < warmup)
        {
            return false;
        }

        // The first report at or behind each of warmup, warmup + interval, …
        long mark = step - ((step - warmup) % interval);
        return trial.Reported.Count == 1 || trial.Reported[^2].Step < mark;
    }

    /// <summary>The loss that a trial had reached by a step: its last report up to it.</summary>
    public static double? LossAt(TrialHistory history, TrialRecord trial, long step) => trial.ReportedAt(step) is { } value ? history.Loss(value) : null;

    /// <summary>A quantile of losses, between neighbours on a straight line. Infinite ones are never mixed with others.</summary>
    public static double Quantile(double[] sorted, double part)
    {
        double place = part * (sorted.Length - 1);
        int below = (int)Math.Floor(place);
        double rest = place - below;
        return rest == 0 || sorted[below] == sorted[below + 1] ? sorted[below] : sorted[below] + (rest * (sorted[below + 1] - sorted[below]));
    }

    /// <summary>A loss as the user counts it.</summary>
    public static string Shown(TrialHistory history, double loss) =>
        (history.Directions[0] == Direction.Minimize || loss == 0 ? loss : -loss).ToString("G6", CultureInfo.InvariantCulture);
}
