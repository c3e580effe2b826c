using Descent.Tuning.Statistics;

namespace Descent.Tuning.Races;

/// <summary>What came of one contender.</summary>
public sealed record RaceEntry
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The best settings that its search found; none: no trial was complete.</summary>
    public Configuration? Settings { get; init; }

    /// <summary>What they gave in the search; none: nothing was searched.</summary>
    public double? SearchValue { get; init; }

    /// <summary>The trials of its search that ended.</summary>
    public IReadOnlyList<RaceTrial> Searched { get; init; } = [];

    /// <summary>How many these are.</summary>
    public int Trials => Searched.Count;

    /// <summary>Of these, those that the pruner stopped.</summary>
    public int Pruned => Searched.Count(static trial => trial.State == TrialState.Pruned);

    /// <summary>Of these, those that diverged or failed otherwise.</summary>
    public int Failed => Searched.Count(static trial => trial.State == TrialState.Failed);

    /// <summary>Why the last one of these failed.</summary>
    public string? LastFailure { get; init; }

    /// <summary>The time of its search, all trials together.</summary>
    public TimeSpan SearchTime { get; init; }

    /// <summary>Whether the search went beyond its range, since the best lay at an end.</summary>
    public bool WentBeyond { get; init; }

    /// <summary>Parameters at whose ends the best settings lie: beyond there may be better ones.</summary>
    public IReadOnlyList<string> AtEdge { get; init; } = [];

    /// <summary>The runs at the best settings, by seed.</summary>
    public IReadOnlyList<RaceSeed> Runs { get; init; } = [];

    /// <summary>The mean of what the runs ended with, and its 95 % interval, over those that did not fail; none: there is no such.</summary>
    public ConfidenceInterval? Final { get; init; }

    /// <summary>Runs that failed.</summary>
    public int FailedRuns => Runs.Count(static run => run.Value is null);

    /// <summary>Runs that reached the target.</summary>
    public int Reached => Runs.Count(static run => run.StepsToTarget is not null);

    /// <summary>Whether a run was at the target when it was first looked at: then <see cref="StepsToTarget"/> is the most that the mean can be, and its interval says nothing.</summary>
    public bool StepsAreAtMost => Runs.Any(static run => run.StepsAreAtMost);

    /// <summary>The mean of the steps to the target over the runs, with its interval; none: not all of them reached it, so that a mean would leave out the slow ones.</summary>
    public ConfidenceInterval? StepsToTarget => Runs.Count > 0 && Reached == Runs.Count ? ConfidenceInterval.OfMean([.. Runs.Select(static run => run.StepsToTarget!.Value)]) : null;

    /// <summary>How it differs from the best one; none for the best one itself, and where no test is possible.</summary>
    public RaceComparison? AgainstBest { get; init; }
}
