namespace Descent.Tuning.Samplers;

/// <summary>Groups of parameters that have always been there together; grows with the evidence.</summary>
internal sealed class ParameterGroups
{
    private readonly UnitSpace _space;
    private readonly Evidence _evidence;
    private readonly ulong[] _presence; // a hash of the pattern over all rows
    private int _count;

    private ParameterGroups(UnitSpace space, Evidence evidence) => (_space, _evidence, _presence) = (space, evidence, new ulong[space.Dimensions]);

    /// <summary>The groups; where there are no conditions it is one.</summary>
    public static int[][] Of(ref ParameterGroups? known, UnitSpace space, Evidence evidence)
    {
        if (known is null || known._evidence != evidence || known._space != space)
        {
            known = new ParameterGroups(space, evidence);
        }

        return known.Grow();
    }

    private int[][] Grow()
    {
        for (; _count < _evidence.Rows.Count; _count++)
        {
            ReadOnlySpan<double> unit = _evidence.Rows[_count].Trial.Unit;
            for (int axis = 0; axis < unit.Length; axis++)
            {
                _presence[axis] = unchecked((_presence[axis] * 0x9E3779B97F4A7C15) + (double.IsNaN(unit[axis]) ? 2ul : 1ul));
            }
        }

        return [.. Enumerable.Range(0, _space.Dimensions).GroupBy(axis => _presence[axis]).Select(static group => group.ToArray())];
    }
}
