namespace Descent.Tuning.Samplers;

/// <summary>What TPE keeps of the rows of evidence, so that a suggestion after ten thousand trials costs one pass over them.</summary>
internal sealed class TpeRows
{
    private readonly UnitSpace _space;
    private readonly Evidence _evidence;
    private readonly List<int>[] _sorted;
    private readonly ulong[] _presence;
    private int _count;

    private TpeRows(UnitSpace space, Evidence evidence)
    {
        (_space, _evidence) = (space, evidence);
        _sorted = [.. space.Axes.Select(static _ => new List<int>())];
        _presence = new ulong[space.Dimensions];
    }

    public IReadOnlyList<EvidenceRow> Rows => _evidence.Rows;

    public static TpeRows Of(ref TpeRows? known, UnitSpace space, Evidence evidence)
    {
        if (known is null || known._evidence != evidence || known._space != space)
        {
            known = new TpeRows(space, evidence);
        }

        known.Grow();
        return known;
    }

    /// <summary>The rows that have a parameter, by its coordinate.</summary>
    public IReadOnlyList<int> Sorted(int axis) => _sorted[axis];

    /// <summary>Groups of parameters that were always there together. Before there is a trial, and where there are no conditions: one group.</summary>
    public int[][] Groups() => [.. Enumerable.Range(0, _space.Dimensions).GroupBy(axis => _presence[axis]).Select(static group => group.ToArray())];

    private void Grow()
    {
        for (; _count < Rows.Count; _count++)
        {
            ReadOnlySpan<double> unit = Rows[_count].Trial.Unit;
            for (int axis = 0; axis < unit.Length; axis++)
            {
                bool isThere = !double.IsNaN(unit[axis]);
                _presence[axis] = unchecked((_presence[axis] * 0x9E3779B97F4A7C15) + (isThere ? 1ul : 2ul)); // a hash of the pattern over all rows
                if (isThere)
                {
                    _sorted[axis].Insert(PlaceOf(axis, unit[axis]), _count);
                }
            }
        }
    }

    /// <summary>Behind all rows whose coordinate is not larger.</summary>
    private int PlaceOf(int axis, double coordinate)
    {
        List<int> sorted = _sorted[axis];
        (int low, int high) = (0, sorted.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Rows[sorted[middle]].Trial.Unit[axis] <= coordinate ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
