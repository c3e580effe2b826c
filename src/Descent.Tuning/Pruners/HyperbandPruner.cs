namespace Descent.Tuning.Pruners;

/// <summary>Hyperband: successive halving in several brackets at once, from one that stops early and often to one that never stops.</summary>
/// <remarks>
/// Of ⌊log_η(R/r)⌋ + 1 brackets, bracket s begins with its rungs at r·η^s. A trial's number decides which one it is in, so that each bracket gets about the same
/// budget; trials compete within theirs alone. Where values at early steps mislead, the later brackets still find what is good.
/// Reference: Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar, "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 18 (2018), with
/// asynchronous brackets.
/// </remarks>
public sealed class HyperbandPruner : IPruner
{
    /// <summary>r: the step of the first rung. At least 1; default 1.</summary>
    public long MinimumResource { get; init => field = Allowed.AtLeast(value, 1); } = 1;

    /// <summary>R: the last step of a trial that isn't stopped; none: that of the first complete trial, until which none is stopped.</summary>
    public long? MaximumResource { get; init => field = value is { } most ? Allowed.AtLeast(most, 1) : null; }

    /// <summary>η: one of so many goes on. At least 2; default 3 (the paper's).</summary>
    public int ReductionFactor { get; init => field = Allowed.AtLeast(value, 2); } = 3;

    /// <inheritdoc/>
    public PruningDecision Decide(TrialHistory history, TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(trial);
        long? last = MaximumResource ?? history.Finished.FirstOrDefault(static other => other.State == TrialState.Complete && other.Reported.Count > 0)?.Reported[^1].Step;
        if (last is not { } most || most <= MinimumResource)
        {
            return PruningDecision.Continue;
        }

        int brackets = 1 + (int)Math.Floor(Math.Log((double)most / MinimumResource, ReductionFactor) + 1e-9);
        int own = BracketOf(trial.Number, brackets);
        double first = MinimumResource * Math.Pow(ReductionFactor, own);
        return Halving.Decide(history, trial, other => BracketOf(other.Number, brackets) == own, (long)first, ReductionFactor, most);
    }

    /// <summary>
    /// The bracket of a trial. Bracket s of b gets trials in proportion to ⌈b·η^(b−1−s)/(b − s)⌉, the paper's numbers, dealt out in rounds by chance of the number.
    /// </summary>
    private int BracketOf(int number, int brackets)
    {
        double total = 0;
        Span<double> shares = stackalloc double[brackets];
        for (int s = 0; s < brackets; s++)
        {
            shares[s] = Math.Ceiling(brackets * Math.Pow(ReductionFactor, brackets - 1 - s) / (brackets - s));
            total += shares[s];
        }

        double rest = new CounterRandom(number).NextDouble() * total;
        int bracket = 0;
        while (bracket < brackets - 1 && rest >= shares[bracket])
        {
            rest -= shares[bracket++];
        }

        return bracket;
    }
}
