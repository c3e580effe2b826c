namespace Descent.Tuning.Samplers;

/// <summary>Groups of parameters that have always been there together; grows with the evidence.</summary>
internal sealed class ParameterGroups
{
    private readonly StudyMemory _memory;
    private readonly ulong[] _presence; // a hash of the pattern over all rows
    private int _count;

    private ParameterGroups(StudyMemory memory) => (_memory, _presence) = (memory, new ulong[memory.Space.Dimensions]);

    /// <summary>The groups; where there are no conditions it is one.</summary>
    public static int[][] Of(ref ParameterGroups? known, StudyMemory memory)
    {
        if (known is null || known._memory != memory)
        {
            known = new ParameterGroups(memory);
        }

        return known.Grow();
    }

    private int[][] Grow()
    {
        for (IReadOnlyList<EvidenceRow> rows = _memory.Evidence.Rows; _count < rows.Count; _count++)
        {
            ReadOnlySpan<double> unit = rows[_count].Trial.Unit;
            for (int axis = 0; axis < unit.Length; axis++)
            {
                _presence[axis] = unchecked((_presence[axis] * 0x9E3779B97F4A7C15) + (double.IsNaN(unit[axis]) ? 2ul : 1ul));
            }
        }

        return [.. Enumerable.Range(0, _presence.Length).GroupBy(axis => _presence[axis]).Select(static group => group.ToArray())];
    }
}
