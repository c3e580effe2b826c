namespace Descent.Tuning.Samplers;

/// <summary>A density over some of the axes: a mixture of one kernel for each observation and a prior.</summary>
internal abstract class ParzenEstimator
{
    /// <summary>The least bandwidth is the range over so many, or over the number of kernels where there are fewer ("magic clipping", Bergstra's hyperopt).</summary>
    protected const double NarrowestPart = 100;

    /// <summary>The standard deviation of the prior's kernel, whose mean is the middle: nearly flat.</summary>
    protected const double PriorDeviation = 1;

    protected const double PriorMean = 0.5;

    /// <summary>Draws a place, not yet snapped to cells.</summary>
    /// <param name="place">Receives a coordinate for each of the estimator's axes.</param>
    /// <param name="random">Random numbers.</param>
    public abstract void Sample(Span<double> place, CounterRandom random);

    /// <summary>The logarithm of the density at a place, or of the probability of its cell.</summary>
    /// <param name="place">A coordinate for each of the estimator's axes.</param>
    public abstract double LogDensity(ReadOnlySpan<double> place);

    /// <summary>The index of a weight chosen with probability proportional to it.</summary>
    protected static int Choose(ReadOnlySpan<double> weights, double total, CounterRandom random)
    {
        double rest = random.NextDouble() * total;
        for (int i = 0; i < weights.Length - 1; i++)
        {
            rest -= weights[i];
            if (rest < 0)
            {
                return i;
            }
        }

        return weights.Length - 1;
    }

    /// <summary>A draw from a normal distribution cut to the unit interval.</summary>
    protected static double Draw(double mean, double deviation, CounterRandom random)
    {
        double u = random.NextDouble();
        return mean + (deviation * Normal.TruncatedQuantile(u == 0 ? 1e-17 : u, -mean / deviation, (1 - mean) / deviation));
    }
}
