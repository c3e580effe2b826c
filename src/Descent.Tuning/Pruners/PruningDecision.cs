namespace Descent.Tuning;

/// <summary>Whether a trial goes on. It is a value: the objective returns when it is told to stop.</summary>
public readonly record struct PruningDecision
{
    private PruningDecision(string reason) => Reason = reason;

    /// <summary>Go on.</summary>
    public static PruningDecision Continue => default;

    /// <summary>Whether the trial should stop now.</summary>
    public bool ShouldStop => Reason is not null;

    /// <summary>Why it should stop; none: it should go on.</summary>
    public string? Reason { get; }

    /// <summary>Stop.</summary>
    /// <param name="reason">Why, for people: <c>0.52 at step 10 is worse than the median 0.41 of 8 trials</c>.</param>
    public static PruningDecision Stop(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new PruningDecision(reason);
    }
}
