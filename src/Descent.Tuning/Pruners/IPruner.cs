namespace Descent.Tuning;

/// <summary>Decides whether a running trial is worth going on with.</summary>
public interface IPruner
{
    /// <summary>The decision after a value was reported: a function of the history, and of nothing else.</summary>
    /// <param name="history">All trials of the study, with what they reported so far.</param>
    /// <param name="trial">The trial that just reported; its newest value is the last of <see cref="TrialRecord.Reported"/>.</param>
    PruningDecision Decide(TrialHistory history, TrialRecord trial);
}
