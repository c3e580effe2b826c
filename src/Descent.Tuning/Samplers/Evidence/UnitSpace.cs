namespace Descent.Tuning.Samplers;

/// <summary>A search space as samplers move in it: the unit cube with cells, absent parameters and constraints.</summary>
internal sealed class UnitSpace
{
    private readonly bool _isPlain;

    public UnitSpace(SearchSpace space)
    {
        Space = space;
        Axes = Axis.Of(space);
        _isPlain = space.Constraints.Count == 0 && space.Parameters.All(static parameter => parameter.Condition is null);
        IsFinite = space.Parameters.All(static parameter => parameter.Count is not null);
    }

    public SearchSpace Space { get; }

    public Axis[] Axes { get; }

    /// <summary>The number of parameters.</summary>
    public int Dimensions => Axes.Length;

    /// <summary>Whether it has finitely many points.</summary>
    public bool IsFinite { get; }

    /// <summary>Moves a place to the representative of its point: the middles of cells, NaN where a parameter isn't there.</summary>
    /// <returns>Whether the point keeps the constraints.</returns>
    public bool Snap(Span<double> unit)
    {
        if (_isPlain)
        {
            for (int j = 0; j < unit.Length; j++)
            {
                unit[j] = Axes[j].Snap(unit[j]);
            }

            return true;
        }

        for (int j = 0; j < unit.Length; j++)
        {
            unit[j] = double.IsNaN(unit[j]) ? 0.5 : unit[j];
        }

        Configuration configuration = Space.FromUnit(unit);
        Space.ToUnit(configuration).CopyTo(unit);
        return Space.IsFeasible(configuration);
    }

    /// <summary>The point at a place; coordinates that aren't numbers are free to be any.</summary>
    public Configuration PointAt(ReadOnlySpan<double> unit)
    {
        double[] place = unit.ToArray();
        for (int j = 0; j < place.Length; j++)
        {
            place[j] = double.IsNaN(place[j]) ? 0.5 : place[j];
        }

        return Space.FromUnit(place);
    }

    /// <summary>A point by chance that keeps the constraints; one that doesn't where a hundred draws found none.</summary>
    public double[] Draw(CounterRandom random)
    {
        double[] unit = new double[Dimensions];
        for (int attempt = 0; attempt < 100; attempt++)
        {
            for (int j = 0; j < unit.Length; j++)
            {
                unit[j] = random.NextDouble();
            }

            if (Snap(unit))
            {
                break;
            }
        }

        return unit;
    }

    /// <summary>
    /// A point far from all that were chosen before: of several draws the one whose nearest neighbour is farthest. Mitchell, "Spectrally Optimal Sampling for Distribution Ray
    /// Tracing", SIGGRAPH 1991 (best candidate). As even as a low-discrepancy sequence for the first few points, wherever others came from.
    /// </summary>
    public double[] DrawFarFrom(IReadOnlyList<TrialRecord> trials, CounterRandom random)
    {
        const int most = 64; // of the newest trials: beyond those it is a matter of chance anyway
        int candidates = trials.Count == 0 ? 1 : 10 + trials.Count;
        double[] best = [];
        double farthest = double.NegativeInfinity;
        for (int i = 0; i < Math.Min(candidates, most); i++)
        {
            double[] candidate = Draw(random);
            double nearest = double.PositiveInfinity;
            for (int t = Math.Max(0, trials.Count - most); t < trials.Count; t++)
            {
                nearest = Math.Min(nearest, SquaredDistance(candidate, trials[t].Unit));
            }

            if (nearest > farthest)
            {
                (best, farthest) = (candidate, nearest);
            }
        }

        return best;
    }

    /// <summary>The squared distance of two places: choices are the same or 1 apart, and so are parameters of which one isn't there.</summary>
    public double SquaredDistance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int j = 0; j < a.Length; j++)
        {
            double difference = (double.IsNaN(a[j]), double.IsNaN(b[j])) switch
            {
                (true, true) => 0,
                (false, false) => Axes[j].IsCategorical ? (a[j] == b[j] ? 0 : 1) : a[j] - b[j],
                _ => 1,
            };
            sum += difference * difference;
        }

        return sum;
    }
}
