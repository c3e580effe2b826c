namespace Descent.Tuning;

/// <summary>What samplers and pruners see: the trials of one study, and how they stand.</summary>
/// <remarks>
/// <see cref="Finished"/> only grows, and its trials never change, so that a sampler may keep what it computed from its first n and go on from there.
/// What it proposes must be the same without that memory.
/// </remarks>
public sealed class TrialHistory
{
    private readonly List<TrialRecord> _trials = [];
    private readonly List<TrialRecord> _finished = [];
    private readonly SortedSet<TrialRecord> _unfinished = new(Comparer<TrialRecord>.Create(static (a, b) => a.Number.CompareTo(b.Number)));

    internal TrialHistory(SearchSpace space, IReadOnlyList<Direction> directions)
    {
        Space = space;
        Directions = directions;
    }

    /// <summary>The study's search space.</summary>
    public SearchSpace Space { get; }

    /// <summary>Which way each objective gets better; at least one.</summary>
    public IReadOnlyList<Direction> Directions { get; }

    /// <summary>All trials by number.</summary>
    public IReadOnlyList<TrialRecord> Trials => _trials;

    /// <summary>Complete, pruned and failed trials in the order in which they ended.</summary>
    public IReadOnlyList<TrialRecord> Finished => _finished;

    /// <summary>Waiting and running trials by number: what other workers are at.</summary>
    public IReadOnlyCollection<TrialRecord> Unfinished => _unfinished;

    /// <summary>The complete trial that is best at the first objective among those that break no limit; the first of equals. None: there is none, or it is NaN.</summary>
    public TrialRecord? Best { get; private set; }

    /// <summary>An objective of a complete trial such that smaller is better; NaN counts as +∞.</summary>
    /// <param name="trial">A complete trial.</param>
    /// <param name="objective">Which objective.</param>
    public double Loss(TrialRecord trial, int objective = 0)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return Loss(trial.Objectives[objective], objective);
    }

    /// <summary>A value of an objective such that smaller is better; NaN counts as +∞.</summary>
    /// <param name="value">The value, reported or final.</param>
    /// <param name="objective">Which objective.</param>
    public double Loss(double value, int objective = 0) =>
        double.IsNaN(value) ? double.PositiveInfinity : Directions[objective] == Direction.Minimize ? value : -value;

    internal TrialRecord Add(Configuration configuration)
    {
        TrialRecord trial = new(_trials.Count, configuration, Space.ToUnit(configuration));
        _trials.Add(trial);
        _unfinished.Add(trial);
        return trial;
    }

    internal void Finish(TrialRecord trial, TrialState state, IReadOnlyList<double> objectives, double violation = 0, string? reason = null)
    {
        (trial.State, trial.Objectives, trial.Violation, trial.Reason) = (state, objectives, violation, reason);
        _unfinished.Remove(trial);
        _finished.Add(trial);
        if (state == TrialState.Complete && !(violation > 0) && !double.IsNaN(objectives[0]) && (Best is null || Loss(trial) < Loss(Best)))
        {
            Best = trial;
        }
    }
}
