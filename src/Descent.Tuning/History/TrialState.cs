namespace Descent.Tuning;

/// <summary>Where a trial stands.</summary>
public enum TrialState
{
    /// <summary>It has a configuration and no worker: not begun, given back, or to be tried again.</summary>
    Waiting,

    /// <summary>A worker holds its lease, or held it when last heard of.</summary>
    Running,

    /// <summary>It has its objectives.</summary>
    Complete,

    /// <summary>A pruner stopped it; its reported values remain.</summary>
    Pruned,

    /// <summary>It ended without a result; <see cref="TrialRecord.Reason"/> says why.</summary>
    Failed,
}
