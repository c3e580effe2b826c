namespace Descent.Tuning.Samplers;

/// <summary>
/// What a sampler remembers of the study that asked it last: nothing that it couldn't work out anew from the history. Each part grows when it is asked for.
/// </summary>
internal sealed class StudyMemory
{
    private readonly TrialHistory _history;

    private StudyMemory(TrialHistory history, SearchSpace space) =>
        (_history, Space, Evidence, Tried) = (history, new UnitSpace(space), new Evidence(history), new TriedPoints(history));

    /// <summary>The search space.</summary>
    public UnitSpace Space { get; }

    /// <summary>What all trials that have finished say.</summary>
    public Evidence Evidence
    {
        get
        {
            field.Grow();
            return field;
        }
    }

    /// <summary>The points of all trials.</summary>
    public TriedPoints Tried
    {
        get
        {
            field.Grow();
            return field;
        }
    }

    /// <summary>The memory of a study, going on from what is known where it is the same study.</summary>
    public static StudyMemory Of(ref StudyMemory? known, TrialHistory history, SearchSpace space)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(space);
        return known is not null && known._history == history && ReferenceEquals(known.Space.Space, space) ? known : known = new StudyMemory(history, space);
    }
}
