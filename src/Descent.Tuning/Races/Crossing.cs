namespace Descent.Tuning.Races;

/// <summary>Where a curve reaches a value.</summary>
public static class Crossing
{
    /// <summary>The place at which a curve first reaches a target, by linear interpolation between its points; none: it doesn't.</summary>
    /// <param name="places">Steps or seconds, ascending.</param>
    /// <param name="values">The values there; what isn't finite reaches nothing.</param>
    /// <param name="target">The target.</param>
    /// <param name="direction">Which way values get better.</param>
    public static double? Of(IReadOnlyList<double> places, IReadOnlyList<double> values, double target, Direction direction)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(values);
        double sign = direction == Direction.Minimize ? 1 : -1;
        for (int i = 0; i < values.Count; i++)
        {
            if (sign * values[i] <= sign * target)
            {
                return i == 0 || !double.IsFinite(values[i - 1]) || !double.IsFinite(values[i])
                    ? places[i]
                    : places[i - 1] + ((places[i] - places[i - 1]) * ((values[i - 1] - target) / (values[i - 1] - values[i])));
            }
        }

        return null;
    }
}
