namespace Descent.Tuning.Samplers;

/// <summary>
/// The estimator of one axis. On lines and ordered cells each kernel is as wide as the larger gap to its neighbours; choices get a count each, and the prior spread
/// over all of them.
/// Bergstra, Bardenet, Bengio, Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011, section 4.
/// </summary>
internal sealed class UnivariateParzen : ParzenEstimator
{
    private const double Reach = 9; // kernels farther away than so many deviations add less than rounding does

    private readonly Axis _axis;
    private readonly double[] _cellLogs;
    private readonly List<Kernel> _narrow = [];
    private readonly List<Kernel> _wide = [];
    private readonly double _narrowest;
    private double _total;

    /// <param name="axis">The axis.</param>
    /// <param name="sorted">Observations, ascending.</param>
    /// <param name="weights">Their weights, in the same order.</param>
    /// <param name="priorWeight">The prior's weight.</param>
    public UnivariateParzen(Axis axis, ReadOnlySpan<double> sorted, ReadOnlySpan<double> weights, double priorWeight)
    {
        _axis = axis;
        _cellLogs = new double[axis.Cells];
        Array.Fill(_cellLogs, double.NaN);
        _narrowest = 1 / Math.Min(NarrowestPart, sorted.Length + 2.0);
        if (axis.IsCategorical)
        {
            Count(sorted, weights, priorWeight);
        }
        else
        {
            AddKernels(sorted, weights, priorWeight);
        }
    }

    /// <inheritdoc/>
    public override void Sample(Span<double> place, CounterRandom random)
    {
        double rest = random.NextDouble() * _total;
        Kernel chosen = default;
        foreach (List<Kernel> kernels in (ReadOnlySpan<List<Kernel>>)[_narrow, _wide])
        {
            foreach (Kernel kernel in kernels)
            {
                chosen = kernel;
                rest -= kernel.Weight;
                if (rest < 0)
                {
                    break;
                }
            }

            if (rest < 0)
            {
                break;
            }
        }

        place[0] = _axis.IsCategorical ? chosen.Mean : Draw(chosen.Mean, chosen.Deviation, random);
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> place)
    {
        if (_axis.IsLine)
        {
            return Math.Log(Sum(place[0], place[0]) / _total);
        }

        int cell = (int)Cells.IndexOf(place[0], _axis.Cells);
        if (double.IsNaN(_cellLogs[cell]))
        {
            (double low, double high) = Cells.At(cell, _axis.Cells);
            _cellLogs[cell] = Math.Log(Sum(low, high) / _total);
        }

        return _cellLogs[cell];
    }

    private void Count(ReadOnlySpan<double> observations, ReadOnlySpan<double> weights, double priorWeight)
    {
        // Every observation is a distribution of its own: 1 for its choice, and the prior's weight over (observations + 1) for each choice.
        double spread = priorWeight / (observations.Length + 1);
        double[] sums = new double[_axis.Cells];
        for (int i = 0; i < observations.Length; i++)
        {
            double share = weights[i] / (1 + (spread * _axis.Cells));
            sums[Cells.IndexOf(observations[i], _axis.Cells)] += share;
            _total += weights[i];
        }

        double each = ((_total - sums.Sum()) / _axis.Cells) + (priorWeight / _axis.Cells);
        _total += priorWeight;
        for (int cell = 0; cell < sums.Length; cell++)
        {
            _narrow.Add(new Kernel(Cells.Middle(cell, _axis.Cells), 0, sums[cell] + each, 0));
        }
    }

    /// <summary>A kernel for each observation; kernels that are the same become one. The prior's place counts as a neighbour.</summary>
    private void AddKernels(ReadOnlySpan<double> sorted, ReadOnlySpan<double> weights, double priorWeight)
    {
        int priorPlace = 0;
        while (priorPlace < sorted.Length && sorted[priorPlace] < PriorMean)
        {
            priorPlace++;
        }

        Kernel last = default;
        for (int i = 0; i < sorted.Length; i++)
        {
            double mean = sorted[i];
            double left = i == priorPlace ? PriorMean : i > 0 ? sorted[i - 1] : mean;
            double right = i == priorPlace - 1 ? PriorMean : i + 1 < sorted.Length ? sorted[i + 1] : mean;
            double deviation = Math.Clamp(Math.Max(mean - left, right - mean), _narrowest, 1);
            if (mean == last.Mean && deviation == last.Deviation)
            {
                last = last with { Weight = last.Weight + weights[i] };
            }
            else
            {
                Add(last);
                last = new Kernel(mean, deviation, weights[i], 0);
            }
        }

        Add(last);
        Add(new Kernel(PriorMean, PriorDeviation, priorWeight, 0));
    }

    private void Add(Kernel kernel)
    {
        if (kernel.Weight > 0)
        {
            _total += kernel.Weight;
            bool isNarrow = kernel.Deviation <= 2 * _narrowest;
            double low = -kernel.Mean / kernel.Deviation;
            double high = (1 - kernel.Mean) / kernel.Deviation;
            double mass = low < -Reach && high > Reach ? 1 : Normal.Cdf(high) - Normal.Cdf(low);
            (isNarrow ? _narrow : _wide).Add(kernel with { Factor = kernel.Weight / mass });
        }
    }

    /// <summary>The weighted sum of the kernels' densities at a place, or of their probabilities of a cell.</summary>
    private double Sum(double low, double high)
    {
        if (_axis.IsCategorical)
        {
            return _narrow[(int)Cells.IndexOf((low + high) / 2, _axis.Cells)].Weight;
        }

        double sum = 0;
        foreach (Kernel kernel in _wide)
        {
            sum += Part(kernel, low, high);
        }

        double reach = 2 * _narrowest * Reach;
        for (int i = FirstFrom(low - reach); i < _narrow.Count && _narrow[i].Mean <= high + reach; i++)
        {
            sum += Part(_narrow[i], low, high);
        }

        return sum;
    }

    private static double Part(Kernel kernel, double low, double high)
    {
        double z = (low - kernel.Mean) / kernel.Deviation;
        if (low == high)
        {
            return kernel.Factor * Normal.Density(z);
        }

        double upper = (high - kernel.Mean) / kernel.Deviation;
        return kernel.Factor * (z > 0 ? Normal.Cdf(-z) - Normal.Cdf(-upper) : Normal.Cdf(upper) - Normal.Cdf(z));
    }

    private int FirstFrom(double mean)
    {
        (int low, int high) = (0, _narrow.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _narrow[middle].Mean < mean ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>A truncated normal distribution and its weight; the factor is the weight over its mass in the unit interval.</summary>
    private readonly record struct Kernel(double Mean, double Deviation, double Weight, double Factor);
}
