namespace Descent.Tuning.Pruners;

/// <summary>Asynchronous successive halving (ASHA): many trials begin, and at each rung the best 1/η of those that have come as far go on.</summary>
/// <remarks>
/// Rungs lie at steps r·η^s, r·η^(s+1), … A trial is judged once at each, by the first value that it reports there or behind, against all trials that have reported
/// one, whatever became of them: nobody waits for the others. With fewer than η of them, only the best goes on.
/// Reference: Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020 (arXiv 1810.05934), algorithm 2, in the form that stops trials in place of
/// pausing them.
/// </remarks>
public sealed class SuccessiveHalvingPruner : IPruner
{
    /// <summary>r: the step of the first rung. At least 1; default 1.</summary>
    public long MinimumResource { get; init => field = Allowed.AtLeast(value, 1); } = 1;

    /// <summary>η: one of so many goes on. At least 2; default 4 (the paper's).</summary>
    public int ReductionFactor { get; init => field = Allowed.AtLeast(value, 2); } = 4;

    /// <summary>s: how many rungs are left out at the bottom, where early values say little. At least 0; default 0.</summary>
    public int EarlyStoppingRate { get; init => field = Allowed.Between(value, 0, 30); }

    /// <inheritdoc/>
    public PruningDecision Decide(TrialHistory history, TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(trial);
        double first = MinimumResource * Math.Pow(ReductionFactor, EarlyStoppingRate);
        return first > long.MaxValue / 2
            ? PruningDecision.Continue
            : Halving.Decide(history, trial, static _ => true, (long)first, ReductionFactor, long.MaxValue);
    }
}
