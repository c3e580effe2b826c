using System.Globalization;

namespace Descent.Tuning.Pruners;

/// <summary>
/// Asynchronous successive halving: at rungs r = first·ηᵏ a trial goes on only if it is among the best 1/η of all trials that have come as far.
/// </summary>
internal static class Halving
{
    /// <summary>The decision after a trial's newest report.</summary>
    /// <param name="history">All trials.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="rivals">Those that it competes with.</param>
    /// <param name="first">The first rung's step.</param>
    /// <param name="factor">η.</param>
    /// <param name="last">No rung lies at or behind this step.</param>
    public static PruningDecision Decide(TrialHistory history, TrialRecord trial, Func<TrialRecord, bool> rivals, long first, int factor, long last)
    {
        if (trial.Reported.Count == 0)
        {
            return PruningDecision.Continue;
        }

        long step = trial.Reported[^1].Step;
        long before = trial.Reported.Count > 1 ? trial.Reported[^2].Step : long.MinValue;

        // The highest rung that this report has reached; one that the report before had reached was decided then.
        long rung = 0;
        for (long next = first; next <= step && next < last; next = next > long.MaxValue / factor ? long.MaxValue : next * factor)
        {
            rung = next;
        }

        if (rung == 0 || before >= rung)
        {
            return PruningDecision.Continue;
        }

        double own = history.Loss(trial.Reported[^1].Value);
        double[] losses = [.. history.Trials.Where(other => other != trial && rivals(other)).Select(other => other.ReportedFrom(rung) is { } value ? history.Loss(value) : (double?)null).OfType<double>().Append(own).Order()];
        int promoted = Math.Max(1, losses.Length / factor);
        return own <= losses[promoted - 1] && !double.IsPositiveInfinity(own)
            ? PruningDecision.Continue
            : PruningDecision.Stop(string.Create(CultureInfo.InvariantCulture,
                $"{Judgement.Shown(history, own)} at step {step} is not among the best {promoted} of {losses.Length} trials at rung {rung}"));
    }
}
