namespace Descent.Tuning.Samplers;

/// <summary>All points of a grid, each once; then the study ends.</summary>
/// <remarks>
/// A parameter of few values has all of them; any other has <see cref="Points"/> values evenly spread over its scale, both ends among them. Points are visited in
/// leaps through the whole grid, so that a study that is stopped early has seen all of the space. What was tried before in the study, points that break a
/// constraint, and points that differ only in parameters that aren't there, are left out.
/// </remarks>
public sealed class GridSampler : ISampler
{
    private const long MostPoints = 100_000_000;

    private StudyMemory? _memory;
    private (TrialHistory History, long Position)? _place;

    /// <summary>Values of a parameter that has more than these. Default 5.</summary>
    public int Points { get; init => field = Allowed.AtLeast(value, 2); } = 5;

    /// <summary>Up to so many values of a parameter are all tried. Choices without order always are. Default 10.</summary>
    public int MostValues { get; init => field = Allowed.AtLeast(value, 1); } = 10;

    /// <inheritdoc/>
    /// <exception cref="SearchSpaceException">The grid has more than a hundred million points.</exception>
    public Proposal? Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(space);
        StudyMemory memory = StudyMemory.Of(ref _memory, history, space);
        double[][] values = [.. space.Parameters.Select(Values)];
        long count = Count(values, space);
        long leap = Leap(count);
        double[] place = new double[space.Count];
        for (long position = _place is { } known && known.History == history ? known.Position : 0; position < count; position++)
        {
            long rest = (long)((Int128)position * leap % count);
            for (int j = 0; j < place.Length; j++)
            {
                place[j] = values[j][(int)(rest % values[j].Length)];
                rest /= values[j].Length;
            }

            if (memory.Space.Snap(place) && !memory.Tried.Contains(place))
            {
                _place = (history, position);
                return new Proposal(memory.Space.PointAt(place));
            }
        }

        _place = (history, count);
        return null;
    }

    private double[] Values(Parameter parameter)
    {
        if (parameter.Count is { } count && (count <= MostValues || !parameter.IsOrdered))
        {
            return [.. Enumerable.Range(0, (int)count).Select(i =>
                parameter is IntegerParameter { IsLog: true } log ? log.ToUnit(log.Low + i) : Cells.Middle(i, count))];
        }

        return [.. Enumerable.Range(0, Points).Select(i => (double)i / (Points - 1)).DistinctBy(unit => parameter.FromUnit(unit))];
    }

    private static long Count(double[][] values, SearchSpace space)
    {
        long count = 1;
        foreach (double[] axis in values)
        {
            count *= axis.Length;
            if (count > MostPoints)
            {
                throw new SearchSpaceException(
                    $"The grid has more than {MostPoints:N0} points ({string.Join(" × ", space.Parameters.Zip(values, static (parameter, axis) => $"{parameter.Name} {axis.Length}"))}). Take fewer values, or the sampler sobol.");
            }
        }

        return count;
    }

    /// <summary>A number without a common factor with the count, near the golden section of it.</summary>
    private static long Leap(long count)
    {
        long leap = Math.Max(1, (long)(count * 0.6180339887498949));
        while (GreatestCommonDivisor(leap, count) != 1)
        {
            leap++;
        }

        return leap;
    }

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
