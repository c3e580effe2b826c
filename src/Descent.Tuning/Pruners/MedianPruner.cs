using System.Globalization;

namespace Descent.Tuning.Pruners;

/// <summary>Stops a trial whose best value so far is worse than the median of what complete trials had reported by the same step.</summary>
/// <remarks>
/// The trial's best value up to its newest step is compared with the median of the other complete trials' values at that step (of each, the last it
/// reported up to it). Reference: Golovin et al., "Google Vizier", KDD 2017, section 3.1, with values at a step in place of running averages, as Optuna's
/// <c>MedianPruner</c> does.
/// </remarks>
public sealed class MedianPruner : IPruner
{
    /// <summary>Complete trials with a value there must be before one is stopped. Default 5, as in Optuna.</summary>
    public int MinimumTrials { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MinimumTrials), value, $"MinimumTrials is {value}; allowed: at least 1."); } = 5;

    /// <summary>Steps below this are never judged. Default 0.</summary>
    public long WarmupSteps { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(WarmupSteps), value, $"WarmupSteps is {value}; allowed: at least 0."); }

    /// <inheritdoc/>
    public PruningDecision Decide(TrialHistory history, TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(trial);
        if (trial.Reported.Count == 0 || trial.Reported[^1].Step < WarmupSteps)
        {
            return PruningDecision.Continue;
        }

        long step = trial.Reported[^1].Step;
        double[] others =
        [
            .. history.Finished
                .Where(static other => other.State == TrialState.Complete)
                .Select(other => other.ReportedAt(step))
                .OfType<double>()
                .Select(value => history.Loss(value))
                .Order(),
        ];
        if (others.Length < MinimumTrials)
        {
            return PruningDecision.Continue;
        }

        int half = others.Length / 2;
        double median = others.Length % 2 == 1 ? others[half] : (others[half - 1] + others[half]) / 2;
        double best = trial.Reported.Min(reported => history.Loss(reported.Value));
        return best > median
            ? PruningDecision.Stop(string.Create(CultureInfo.InvariantCulture,
                $"{Shown(best, history):G6} at step {step} is worse than the median {Shown(median, history):G6} of {others.Length} trials"))
            : PruningDecision.Continue;
    }

    private static double Shown(double loss, TrialHistory history) => history.Directions[0] == Direction.Minimize ? loss : -loss;
}
