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
    public int MinimumTrials { get; init => field = Allowed.AtLeast(value, 1); } = 5;

    /// <summary>Steps below this are never judged. Default 0.</summary>
    public long WarmupSteps { get; init => field = Allowed.AtLeast(value, 0); }

    /// <summary>Reports are judged once in so many steps. Default 1: every report.</summary>
    public long Interval { get; init => field = Allowed.AtLeast(value, 1); } = 1;

    /// <inheritdoc/>
    public PruningDecision Decide(TrialHistory history, TrialRecord trial) =>
        PercentilePruner.Decide(history, trial, 50, MinimumTrials, WarmupSteps, Interval);
}
