namespace Descent.Tuning.Samplers;

/// <summary>
/// The estimator of several axes: each observation is a product of kernels, all of an axis equally wide by Scott's rule.
/// Falkner, Klein, Hutter, "BOHB: Robust and Efficient Hyperparameter Optimization at Scale", ICML 2018, section 3.1; the factor of the rule is that of
/// Optuna's multivariate TPE (0.2 of the range).
/// </summary>
internal sealed class MultivariateParzen : ParzenEstimator
{
    private const double ScottFactor = 0.2;

    private readonly Axis[] _axes;
    private readonly double[][] _means; // of each axis: of each observation
    private readonly int _count;
    private readonly double[] _weights;
    private readonly double[] _constants; // log weight − log of the masses on lines
    private readonly double[] _logs;
    private readonly double _total;
    private readonly double _deviation;
    private readonly double _spread;
    private readonly double[][] _cellLogs;

    /// <param name="axes">The axes.</param>
    /// <param name="means">Of each axis: the coordinates of the observations.</param>
    /// <param name="weights">The observations' weights.</param>
    /// <param name="priorWeight">The prior's weight.</param>
    public MultivariateParzen(Axis[] axes, double[][] means, ReadOnlySpan<double> weights, double priorWeight)
    {
        _axes = axes;
        _means = means;
        _count = weights.Length;
        _weights = [.. weights, priorWeight];
        _total = _weights.Sum();
        _deviation = Deviation(_count, axes.Length);
        _spread = priorWeight / (_count + 1);
        _logs = new double[_count + 1];
        _constants = new double[_count + 1];
        for (int i = 0; i <= _count; i++)
        {
            _constants[i] = Math.Log(_weights[i] / _total);
        }

        _cellLogs = new double[axes.Length][];
        for (int j = 0; j < axes.Length; j++)
        {
            if (!axes[j].IsLine)
            {
                _cellLogs[j] = CellLogs(axes[j]);
                continue;
            }

            for (int i = 0; i < _count; i++)
            {
                _constants[i] -= Normal.HalfLogTwoPi + Normal.LogMass(-means[j][i] / _deviation, (1 - means[j][i]) / _deviation);
            }

            _constants[_count] -= Math.Log(PriorDeviation) + Normal.HalfLogTwoPi + Normal.LogMass(-PriorMean / PriorDeviation, (1 - PriorMean) / PriorDeviation);
        }
    }

    /// <inheritdoc/>
    public override void Sample(Span<double> place, CounterRandom random)
    {
        int chosen = Choose(_weights, _total, random);
        for (int j = 0; j < _axes.Length; j++)
        {
            Axis axis = _axes[j];
            double mean = chosen < _count ? _means[j][chosen] : PriorMean;
            if (!axis.IsCategorical)
            {
                place[j] = Draw(mean, chosen < _count ? _deviation : PriorDeviation, random);
                continue;
            }

            double free = chosen < _count ? 1 / (1 + (_spread * axis.Cells)) : 0;
            place[j] = random.NextDouble() < free ? mean : random.NextDouble();
        }
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> place)
    {
        _constants.CopyTo(_logs.AsSpan());
        Span<double> observed = _logs.AsSpan(0, _count);
        for (int j = 0; j < _axes.Length; j++)
        {
            Axis axis = _axes[j];
            if (axis.IsLine)
            {
                DenseMath.AddNormalExponent(observed, _means[j], place[j], 1 / _deviation);
                double z = (place[j] - PriorMean) / PriorDeviation;
                _logs[_count] -= 0.5 * z * z;
                continue;
            }

            // A table of log-probabilities of this cell, by the cell of the observation; the prior's stands at the end.
            int cells = axis.Cells;
            int cell = (int)Cells.IndexOf(place[j], cells);
            ReadOnlySpan<double> table = _cellLogs[j].AsSpan(cell * (cells + 1), cells + 1);
            double[] means = _means[j];
            for (int i = 0; i < observed.Length; i++)
            {
                observed[i] += table[(int)(means[i] * cells)];
            }

            _logs[_count] += table[cells];
        }

        double largest = DenseMath.Max(_logs);
        return largest + Math.Log(DenseMath.SumExp(_logs, largest));
    }

    private static double Deviation(int count, int dimensions) =>
        Math.Max(ScottFactor * Math.Pow(Math.Max(count, 1), -1.0 / (dimensions + 4)), 1 / Math.Min(NarrowestPart, count + 2.0));

    /// <summary>log P(cell | kernel at cell o), row by row, and the prior's at the end of each row.</summary>
    private double[] CellLogs(Axis axis)
    {
        int cells = axis.Cells;
        double[] logs = new double[cells * (cells + 1)];
        for (int cell = 0; cell < cells; cell++)
        {
            (double low, double high) = Cells.At(cell, cells);
            for (int other = 0; other <= cells; other++)
            {
                bool isPrior = other == cells;
                double mean = isPrior ? PriorMean : Cells.Middle(other, cells);
                double deviation = isPrior ? PriorDeviation : _deviation;
                logs[(cell * (cells + 1)) + other] = axis.IsCategorical
                    ? isPrior ? -Math.Log(cells) : Math.Log(((cell == other ? 1 : 0) + _spread) / (1 + (_spread * cells)))
                    : Normal.LogMass((low - mean) / deviation, (high - mean) / deviation) - Normal.LogMass(-mean / deviation, (1 - mean) / deviation);
            }
        }

        return logs;
    }
}
