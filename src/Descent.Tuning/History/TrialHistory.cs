using Descent.Tuning.Samplers;

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

    /// <summary>
    /// The Pareto front: the complete trials that no other dominates, which is at least as good in every objective and better in one. Those that break a limit count only where all do; one with a result that
    /// is NaN doesn't. With one objective, the best and its equals.
    /// </summary>
    /// <returns>The trials from the best to the worst in the first objective; equals there by the others, and then by number.</returns>
    public IReadOnlyList<TrialRecord> Front()
    {
        TrialRecord[] complete = [.. _finished.Where(static trial => trial.State == TrialState.Complete && !trial.Objectives.Any(double.IsNaN))];
        TrialRecord[] kept = complete.Any(static trial => !(trial.Violation > 0)) ? [.. complete.Where(static trial => !(trial.Violation > 0))] : complete;
        (TrialRecord Trial, double[] Losses)[] rows = [.. kept.Select(trial => (trial, Enumerable.Range(0, Directions.Count).Select(k => Loss(trial, k)).ToArray()))];

        // By all objectives in turn: whoever is better than a trial stands before it, so only the front so far need be asked.
        Array.Sort(rows, static (a, b) => a.Losses.AsSpan().SequenceCompareTo(b.Losses) is not 0 and int order ? order : a.Trial.Number.CompareTo(b.Trial.Number));
        List<(TrialRecord Trial, double[] Losses)> front = [];
        foreach ((TrialRecord Trial, double[] Losses) row in rows)
        {
            if (!front.Exists(one => NonDominatedSort.Dominates(one.Losses, row.Losses)))
            {
                front.Add(row);
            }
        }

        return [.. front.Select(static row => row.Trial)];
    }

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
