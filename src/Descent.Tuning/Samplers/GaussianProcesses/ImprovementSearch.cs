namespace Descent.Tuning.Samplers;

/// <summary>Finds the point where a Gaussian process promises the largest expected improvement, by its logarithm.</summary>
/// <remarks>
/// Scores many points of a Sobol sequence and neighbours of the best known ones, then climbs from the best few: along lines with the gradient (L-BFGS), over cells
/// and choices one parameter at a time. Log-EI is not flat where EI is zero in floating point, so that climbing works everywhere: Ament et al., "Unexpected Improvements to
/// Expected Improvement for Bayesian Optimization", 2023 (arXiv 2310.20708).
/// </remarks>
internal sealed class ImprovementSearch
{
    private const int Neighbours = 8; // of each of the best known points
    private const int Rounds = 4; // of lines, then cells
    private const int Iterations = 12;

    private readonly UnitSpace _space;
    private readonly GaussianProcess _process;
    private readonly TriedPoints _tried;
    private readonly double _incumbent;

    /// <param name="space">The space.</param>
    /// <param name="process">The process.</param>
    /// <param name="tried">Points not to propose again.</param>
    /// <param name="incumbent">The value to improve on, in the process's units.</param>
    public ImprovementSearch(UnitSpace space, GaussianProcess process, TriedPoints tried, double incumbent) =>
        (_space, _process, _tried, _incumbent) = (space, process, tried, incumbent);

    /// <summary>The most promising point that wasn't tried; none: all that were looked at were.</summary>
    /// <param name="best">The best known points, best first.</param>
    /// <param name="draws">How many points of the sequence to score.</param>
    /// <param name="climbs">From how many of them to climb.</param>
    /// <param name="random">Random numbers.</param>
    public double[]? Run(IReadOnlyList<double[]> best, int draws, int climbs, CounterRandom random)
    {
        List<(double[] Place, double Score)> scored = [];
        SobolSequence sequence = new(_space.Dimensions, random.NextUInt64());
        for (int i = 0; i < draws; i++)
        {
            double[] place = new double[_space.Dimensions];
            sequence.Point((uint)i, place);
            Consider(place, scored);
        }

        foreach (double[] known in best)
        {
            for (int i = 0; i < Neighbours; i++)
            {
                Consider(Near(known, random), scored);
            }
        }

        scored.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        (double[]? Place, double Score) found = (null, double.NegativeInfinity);
        for (int i = 0; i < Math.Min(climbs, scored.Count); i++)
        {
            (double[] place, double score) = Climb([.. scored[i].Place], scored[i].Score);
            if (score > found.Score)
            {
                found = (place, score);
            }
        }

        return found.Place;
    }

    private void Consider(double[] place, List<(double[] Place, double Score)> scored)
    {
        if (_space.Snap(place) && !IsTried(place))
        {
            scored.Add((place, Score(place)));
        }
    }

    private bool IsTried(double[] place) => _space.IsFinite && _tried.Contains(place);

    private double Score(ReadOnlySpan<double> place)
    {
        (double mean, double variance) = _process.Predict(place);
        double deviation = Math.Sqrt(variance);
        return Normal.LogImprovement((_incumbent - mean) / deviation) + Math.Log(deviation);
    }

    /// <summary>A known point with one or a few coordinates moved: on lines and cells by a log-uniform distance, choices anew.</summary>
    private double[] Near(double[] known, CounterRandom random)
    {
        double[] place = [.. known];
        double reach = Math.Exp(random.NextDouble(Math.Log(0.005), Math.Log(0.3)));
        double chance = Math.Min(1, 2.0 / place.Length);
        int certain = (int)random.NextInteger(place.Length);
        for (int j = 0; j < place.Length; j++)
        {
            if (double.IsNaN(place[j]))
            {
                place[j] = random.NextDouble();
            }
            else if (j == certain || random.NextDouble() < chance)
            {
                double step = Math.Max(reach, _space.Axes[j].IsLine ? 0 : 1.0 / _space.Axes[j].Cells);
                place[j] = _space.Axes[j].IsCategorical ? random.NextDouble() : Reflect(place[j] + (step * random.NextNormal()));
            }
        }

        return place;
    }

    private static double Reflect(double x)
    {
        x = Math.Abs(x) % 2;
        return x > 1 ? 2 - x : x;
    }

    private (double[] Place, double Score) Climb(double[] place, double score)
    {
        for (int round = 0; round < Rounds; round++)
        {
            double before = score;
            (place, score) = AlongLines(place, score);
            (place, score) = OverCells(place, score);
            if (score - before < 1e-3)
            {
                break;
            }
        }

        return (place, score);
    }

    private (double[] Place, double Score) AlongLines(double[] place, double score)
    {
        int[] lines = [.. Enumerable.Range(0, place.Length).Where(j => _space.Axes[j].IsLine && !double.IsNaN(place[j]))];
        if (lines.Length == 0)
        {
            return (place, score);
        }

        double[] moved = [.. place];
        double[] x = [.. lines.Select(j => place[j])];
        double[] low = new double[x.Length];
        double[] high = new double[x.Length];
        Array.Fill(high, 1);
        double[] meanGradient = new double[place.Length];
        double[] varianceGradient = new double[place.Length];
        Lbfgs.Minimize(
            (point, gradient) =>
            {
                for (int k = 0; k < lines.Length; k++)
                {
                    moved[lines[k]] = point[k];
                }

                (double mean, double variance) = _process.Predict(moved, meanGradient, varianceGradient);
                double deviation = Math.Sqrt(variance);
                double z = (_incumbent - mean) / deviation;
                double logImprovement = Normal.LogImprovement(z);
                double slope = Normal.LogImprovementSlope(z, logImprovement);
                for (int k = 0; k < lines.Length; k++)
                {
                    double ofDeviation = varianceGradient[lines[k]] / (2 * deviation);
                    gradient[k] = (slope * (meanGradient[lines[k]] + (z * ofDeviation)) / deviation) - (ofDeviation / deviation);
                }

                return -(logImprovement + Math.Log(deviation));
            },
            x,
            low,
            high,
            Iterations,
            1e-4,
            0.05);
        moved = [.. place];
        for (int k = 0; k < lines.Length; k++)
        {
            moved[lines[k]] = x[k];
        }

        return _space.Snap(moved) && !IsTried(moved) && Score(moved) is double reached && reached > score ? (moved, reached) : (place, score);
    }

    private (double[] Place, double Score) OverCells(double[] place, double score)
    {
        for (int j = 0; j < place.Length; j++)
        {
            Axis axis = _space.Axes[j];
            if (axis.IsLine || double.IsNaN(place[j]))
            {
                continue;
            }

            int cell = (int)Cells.IndexOf(place[j], axis.Cells);
            for (int other = 0; other < axis.Cells; other++)
            {
                if (other == cell || (!axis.IsCategorical && Math.Abs(other - cell) > 2))
                {
                    continue;
                }

                double[] moved = [.. place];
                moved[j] = (other + 0.5) / axis.Cells;
                if (_space.Snap(moved) && !IsTried(moved) && Score(moved) is double reached && reached > score)
                {
                    (place, score) = (moved, reached);
                }
            }
        }

        return (place, score);
    }
}
