namespace Descent.Tuning;

/// <summary>What is known of one trial. A finished one never changes.</summary>
public sealed class TrialRecord
{
    private static readonly Dictionary<string, string> NoNotes = [];
    private readonly double[] _unit;
    private readonly List<ReportedValue> _reported = [];

    // Nearly always one: a list of its own for each of many trials would be most of their memory.
    private TrialSpan[] _spans = [];
    private Dictionary<string, string>? _notes;

    internal TrialRecord(int number, Configuration configuration, double[] unit)
    {
        Number = number;
        Configuration = configuration;
        _unit = unit;
    }

    /// <summary>The number: 0, 1, …, in the order in which trials were created.</summary>
    public int Number { get; }

    /// <summary>The point of the search space.</summary>
    public Configuration Configuration { get; }

    /// <summary>Its place in the unit cube, in the space's order; NaN where a parameter isn't there.</summary>
    public ReadOnlySpan<double> Unit => _unit;

    /// <summary>Where it stands.</summary>
    public TrialState State { get; internal set; }

    /// <summary>The results, one for each objective; empty unless it is complete.</summary>
    public IReadOnlyList<double> Objectives { get; internal set; } = [];

    /// <summary>The values it reported on its way: steps ascending, one value a step, the last that was reported for it.</summary>
    public IReadOnlyList<ReportedValue> Reported => _reported;

    /// <summary>By how much the result breaks the limits that the user set on results; 0: it keeps them.</summary>
    public double Violation { get; internal set; }

    /// <summary>The trial whose checkpoint this one began with; none: it began anew.</summary>
    public int? Parent { get; internal set; }

    /// <summary>What the sampler wrote down for itself.</summary>
    public string? Tag { get; internal set; }

    /// <summary>Why it failed or was pruned; of an unfinished one, why it was given back last.</summary>
    public string? Reason { get; internal set; }

    /// <summary>The worker that holds it, or held it last.</summary>
    public string? Worker { get; internal set; }

    /// <summary>How often a worker took it up.</summary>
    public int Attempts { get; internal set; }

    /// <summary>Time during which a worker held it, by the journal's clock.</summary>
    public TimeSpan Duration { get; internal set; }

    /// <summary>When which worker held it, in that order; none: it waits for the first.</summary>
    public IReadOnlyList<TrialSpan> Spans => _spans;

    /// <summary>What the objective wrote down about it: <see cref="Trial.NoteAsync"/>.</summary>
    public IReadOnlyDictionary<string, string> Notes => _notes ?? NoNotes;

    /// <summary>Whether it will not change any more.</summary>
    public bool IsFinished => State is TrialState.Complete or TrialState.Pruned or TrialState.Failed;

    /// <summary>The value reported for a step, or for the last one before it; none: there is no such.</summary>
    /// <param name="step">The step.</param>
    public double? ReportedAt(long step)
    {
        int index = Find(step);
        return index >= 0 ? _reported[index].Value : ~index > 0 ? _reported[~index - 1].Value : null;
    }

    /// <summary>The value reported for a step, or for the first one after it; none: it hasn't come that far.</summary>
    internal double? ReportedFrom(long step)
    {
        int index = Find(step);
        index = index >= 0 ? index : ~index;
        return index < _reported.Count ? _reported[index].Value : null;
    }

    internal void Begin(DateTimeOffset time) => _spans = [.. _spans, new(Worker, time, null)];

    internal void End(DateTimeOffset time)
    {
        _spans[^1] = _spans[^1] with { End = time };
        Duration += time - _spans[^1].Start;
    }

    internal void Note(string key, string text) => (_notes ??= [])[key] = text;

    internal void Report(long step, double value)
    {
        int index = Find(step);
        if (index >= 0)
        {
            _reported[index] = new(step, value);
        }
        else
        {
            _reported.Insert(~index, new(step, value));
        }
    }

    /// <summary>The index of a step's value, or the complement of where it belongs. Steps nearly always come in order.</summary>
    private int Find(long step)
    {
        if (_reported.Count == 0 || _reported[^1].Step < step)
        {
            return ~_reported.Count;
        }

        (int low, int high) = (0, _reported.Count - 1);
        while (low <= high)
        {
            int middle = (low + high) / 2;
            long found = _reported[middle].Step;
            if (found == step)
            {
                return middle;
            }

            (low, high) = found < step ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
