using System.Globalization;

namespace Descent.Tuning.Pruners;

/// <summary>Stops a trial whose best value so far is not among the best so many percent of what complete trials had reported by the same step.</summary>
/// <remarks>The median pruner with another part to keep; see <see cref="MedianPruner"/>.</remarks>
public sealed class PercentilePruner : IPruner
{
    /// <summary>The part of trials to keep, in percent: 0 to 100. Default 25.</summary>
    public double Percentile { get; init => field = Allowed.Between(value, 0, 100); } = 25;

    /// <summary>Complete trials with a value there must be before one is stopped. Default 5, as in Optuna.</summary>
    public int MinimumTrials { get; init => field = Allowed.AtLeast(value, 1); } = 5;

    /// <summary>Steps below this are never judged. Default 0.</summary>
    public long WarmupSteps { get; init => field = Allowed.AtLeast(value, 0); }

    /// <summary>Reports are judged once in so many steps. Default 1: every report.</summary>
    public long Interval { get; init => field = Allowed.AtLeast(value, 1); } = 1;

    /// <inheritdoc/>
    public PruningDecision Decide(TrialHistory history, TrialRecord trial) => Decide(history, trial, Percentile, MinimumTrials, WarmupSteps, Interval);

    internal static PruningDecision Decide(TrialHistory history, TrialRecord trial, double percentile, int minimumTrials, long warmup, long interval)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (!Judgement.IsDue(trial, warmup, interval))
        {
            return PruningDecision.Continue;
        }

        long step = trial.Reported[^1].Step;
        double[] others =
        [
            .. history.Finished
                .Where(other => other.State == TrialState.Complete && other != trial)
                .Select(other => Judgement.LossAt(history, other, step))
                .OfType<double>()
                .Order(),
        ];
        if (others.Length < minimumTrials)
        {
            return PruningDecision.Continue;
        }

        double bound = Judgement.Quantile(others, percentile / 100);
        double best = trial.Reported.Min(reported => history.Loss(reported.Value));
        string name = percentile == 50 ? "median" : string.Create(CultureInfo.InvariantCulture, $"best {percentile:G4} %,");
        return best > bound
            ? PruningDecision.Stop(string.Create(CultureInfo.InvariantCulture,
                $"{Judgement.Shown(history, best)} at step {step} is worse than the {name} {Judgement.Shown(history, bound)} of {others.Length} trials"))
            : PruningDecision.Continue;
    }
}
