namespace Descent.Training.Memory;

/// <summary>Looks after each step whether memory is about to run out, while there is still enough to write a checkpoint.</summary>
/// <param name="read">How much there is; null where the system doesn't tell.</param>
/// <param name="budget">Bytes that the process may take; null: as many as there are.</param>
/// <param name="interval">How long it doesn't look again: a look costs as much as a step of a tiny model. Null: a tenth of a second.</param>
internal sealed class MemoryGuard(Func<MemoryState?> read, long? budget, TimeSpan? interval = null)
{
    private readonly long _interval = (long)(interval ?? TimeSpan.FromMilliseconds(100)).TotalMilliseconds;
    private long _next;

    // What the kernel wants for itself and for the files of a checkpoint before it swaps or ends processes.
    private const double ReservedShare = 0.03;
    private const long LeastReserved = 128L << 20;

    // A plan leaves as much below the budget.
    private const double OverBudget = 1.03;

    /// <summary>What is wrong, in a sentence; null when all is well.</summary>
    public string? Check()
    {
        long now = Environment.TickCount64;
        if (now < _next)
        {
            return null;
        }

        _next = now + _interval;
        if (read() is not { } state)
        {
            return null;
        }

        if (budget is { } allowed && state.Resident > allowed * OverBudget)
        {
            return $"the process has {MemorySize.Format(state.Resident)} of a budget of {MemorySize.Format(allowed)}";
        }

        long reserved = Math.Max(LeastReserved, (long)(state.Total * ReservedShare));
        return state.Available < reserved
            ? $"{MemorySize.Format(state.Available)} of {MemorySize.Format(state.Total)} memory are left"
            : null;
    }

    /// <summary>Settings of less memory that end with the same bits; null where there are none.</summary>
    /// <param name="now">The settings.</param>
    /// <param name="segments">Segments of the model.</param>
    /// <param name="inBackward">Whether the run could update in backward.</param>
    public static MemoryOptions? Less(MemoryOptions now, int segments, bool inBackward)
    {
        if (now.Prefer == MemoryPreference.Speed || now.Recompute < segments - 1)
        {
            return now with { Prefer = MemoryPreference.Memory, Recompute = segments - 1 };
        }

        return now.Update == UpdateMoment.AfterBackward && inBackward ? now with { Update = UpdateMoment.InBackward } : null;
    }
}
