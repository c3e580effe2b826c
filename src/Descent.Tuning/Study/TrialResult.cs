namespace Descent.Tuning;

/// <summary>How a trial ended. A plain number is a complete trial with one objective.</summary>
public sealed class TrialResult
{
    private TrialResult(TrialState state, IReadOnlyList<double> objectives, string? reason, double violation = 0)
    {
        State = state;
        Objectives = objectives;
        Reason = reason;
        Violation = violation;
    }

    /// <summary>Complete, pruned or failed.</summary>
    public TrialState State { get; }

    /// <summary>The results of a complete trial.</summary>
    public IReadOnlyList<double> Objectives { get; }

    /// <summary>Why it was pruned or failed.</summary>
    public string? Reason { get; }

    /// <summary>By how much a complete trial breaks limits that the user set on results; 0: it keeps them.</summary>
    public double Violation { get; }

    /// <summary>A complete trial with one objective.</summary>
    /// <param name="objective">The result.</param>
    public static implicit operator TrialResult(double objective) => Complete(objective);

    /// <summary>A complete trial. One with a result that is NaN has failed.</summary>
    /// <param name="objectives">The results, in the order of the study's directions.</param>
    public static TrialResult Complete(params IReadOnlyList<double> objectives)
    {
        ArgumentNullException.ThrowIfNull(objectives);
        return objectives.Any(double.IsNaN)
            ? Failed($"the objective is NaN{(objectives.Count > 1 ? $" ({string.Join(", ", objectives)})" : "")}")
            : new TrialResult(TrialState.Complete, [.. objectives], null);
    }

    /// <summary>A trial that was stopped because a pruner said so.</summary>
    /// <param name="reason">Why; what the pruner said by default.</param>
    public static TrialResult Pruned(string? reason = null) => new(TrialState.Pruned, [], reason);

    /// <summary>A trial without a result.</summary>
    /// <param name="reason">Why.</param>
    public static TrialResult Failed(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new TrialResult(TrialState.Failed, [], reason);
    }

    /// <summary>The same result, which breaks a limit that the user set, such as on memory or latency.</summary>
    /// <param name="violation">By how much, in a unit that is the same for all trials; at most 0: it keeps it.</param>
    /// <exception cref="InvalidOperationException">The trial isn't complete.</exception>
    public TrialResult WithViolation(double violation) => State == TrialState.Complete
        ? new TrialResult(State, Objectives, Reason, double.IsNaN(violation) ? double.PositiveInfinity : Math.Max(0, violation))
        : throw new InvalidOperationException($"A trial that is {State} has no results that could break a limit.");
}
