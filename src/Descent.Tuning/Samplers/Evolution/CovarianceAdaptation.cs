namespace Descent.Tuning.Samplers;

/// <summary>
/// The state of CMA-ES in the unit cube: a normal distribution N(m, σ²·A·C·A) that moves towards what ranked well and takes on the shape of its steps.
/// Hansen, "The CMA Evolution Strategy: A Tutorial", 2016 (arXiv 1604.00772), figure 6 with active (negative) weights.
/// </summary>
/// <remarks>
/// <para>
/// A is the margin of Hamano, Saito, Nomura, Shirakawa, "CMA-ES with Margin", GECCO 2022: diagonal, 1 on lines, and on cells as large as it takes for neighbouring
/// cells to keep a probability of at least α = 1/(λn), so that no integer freezes.
/// </para>
/// <para>
/// Steps longer than √n + 2n/(n + 2) deviations are shortened to that, so that points from elsewhere do no harm: Hansen, "Injecting External
/// Solutions Into CMA-ES", 2011 (arXiv 1110.4181).
/// </para>
/// </remarks>
internal sealed class CovarianceAdaptation
{
    private readonly int _n;
    private readonly int[] _cells;
    private readonly double[] _mean;
    private readonly double[] _scales;
    private readonly double[] _covariance;
    private readonly double[] _vectors;
    private readonly double[] _deviations;
    private readonly double[] _evolutionPath;
    private readonly double[] _stepPath;
    private readonly double[] _weights;
    private readonly double _muEff;
    private readonly double _cSigma;
    private readonly double _dSigma;
    private readonly double _cc;
    private readonly double _c1;
    private readonly double _cMu;
    private readonly double _expectedNorm;
    private readonly List<double> _bestLosses = [];
    private double _sigma;

    /// <param name="mean">Where to begin.</param>
    /// <param name="sigma">How far the first steps go.</param>
    /// <param name="population">λ.</param>
    /// <param name="cells">For each dimension the number of its cells; 0: a line.</param>
    public CovarianceAdaptation(double[] mean, double sigma, int population, int[] cells)
    {
        int n = mean.Length;
        (_n, _mean, _sigma, Population, _cells) = (n, [.. mean], sigma, population, cells);
        _scales = new double[n];
        Array.Fill(_scales, 1);
        (_evolutionPath, _stepPath, _deviations) = (new double[n], new double[n], new double[n]);
        (_covariance, _vectors) = (new double[n * n], new double[n * n]);
        for (int i = 0; i < n; i++)
        {
            _covariance[(i * n) + i] = _vectors[(i * n) + i] = _deviations[i] = 1;
        }

        // Tutorial, equations 49 to 58 and table 1.
        double[] raw = [.. Enumerable.Range(1, population).Select(i => Math.Log((population + 1) / 2.0) - Math.Log(i))];
        int mu = population / 2;
        double positive = raw.Take(mu).Sum();
        double negative = -raw.Skip(mu).Sum();
        _muEff = positive * positive / raw.Take(mu).Sum(static w => w * w);
        double muEffNegative = negative * negative / raw.Skip(mu).Sum(static w => w * w);
        _cSigma = (_muEff + 2) / (n + _muEff + 5);
        _dSigma = 1 + (2 * Math.Max(0, Math.Sqrt((_muEff - 1) / (n + 1)) - 1)) + _cSigma;
        _cc = (4 + (_muEff / n)) / (n + 4 + (2 * _muEff / n));
        _c1 = 2 / (((n + 1.3) * (n + 1.3)) + _muEff);
        _cMu = Math.Min(1 - _c1, 2 * (0.25 + _muEff + (1 / _muEff) - 2) / (((n + 2) * (n + 2)) + _muEff));
        double most = Math.Min(Math.Min(1 + (_c1 / _cMu), 1 + (2 * muEffNegative / (_muEff + 2))), (1 - _c1 - _cMu) / (n * _cMu));
        _weights = [.. raw.Select((w, i) => i < mu ? w / positive : w * most / negative)];
        _expectedNorm = Math.Sqrt(n) * (1 - (1.0 / (4 * n)) + (1.0 / (21.0 * n * n)));
    }

    /// <summary>λ: how many points make a generation.</summary>
    public int Population { get; }

    /// <summary>How many generations were taken in.</summary>
    public int Generation { get; private set; }

    /// <summary>The population that CMA-ES begins with: 4 + ⌊3·ln n⌋.</summary>
    public static int DefaultPopulation(int dimensions) => 4 + (int)(3 * Math.Log(dimensions));

    /// <summary>A point of the cube: drawn again where it is outside, and moved to the border where that doesn't help.</summary>
    public double[] Sample(CounterRandom random)
    {
        const int attempts = 50;
        double[] x = new double[_n];
        for (int attempt = 0; attempt < attempts; attempt++)
        {
            double[] z = new double[_n];
            for (int i = 0; i < _n; i++)
            {
                z[i] = random.NextNormal() * _deviations[i];
            }

            bool isInside = true;
            for (int i = 0; i < _n; i++)
            {
                x[i] = _mean[i] + (_sigma * _scales[i] * DenseMath.Dot(_vectors.AsSpan(i * _n, _n), z));
                isInside &= x[i] is >= 0 and <= 1;
            }

            if (isInside)
            {
                return x;
            }
        }

        for (int i = 0; i < _n; i++)
        {
            x[i] = Math.Clamp(x[i], 0, 1);
        }

        return x;
    }

    /// <summary>Takes in a generation.</summary>
    /// <param name="points">Its points, best first.</param>
    /// <param name="bestLoss">The best one's loss.</param>
    public void Update(IReadOnlyList<double[]> points, double bestLoss)
    {
        double[][] steps = [.. points.Select(Step)];
        double[] mean = new double[_n];
        for (int k = 0; k < Population / 2; k++)
        {
            DenseMath.AddScaled(mean, _weights[k], steps[k]);
        }

        for (int i = 0; i < _n; i++)
        {
            _mean[i] = Math.Clamp(_mean[i] + (_sigma * _scales[i] * mean[i]), 0, 1);
        }

        double[] whitened = Whiten(mean);
        double pathGain = Math.Sqrt(_cSigma * (2 - _cSigma) * _muEff);
        for (int i = 0; i < _n; i++)
        {
            _stepPath[i] = ((1 - _cSigma) * _stepPath[i]) + (pathGain * whitened[i]);
        }

        Generation++;
        double norm = Math.Sqrt(DenseMath.Dot(_stepPath, _stepPath));
        bool isSteady = norm / Math.Sqrt(1 - Math.Pow(1 - _cSigma, 2 * Generation)) < (1.4 + (2.0 / (_n + 1))) * _expectedNorm;
        double evolutionGain = isSteady ? Math.Sqrt(_cc * (2 - _cc) * _muEff) : 0;
        for (int i = 0; i < _n; i++)
        {
            _evolutionPath[i] = ((1 - _cc) * _evolutionPath[i]) + (evolutionGain * mean[i]);
        }

        double[] weights = [.. _weights.Select((w, k) => w >= 0 ? w : w * _n / Math.Max(1e-12, SquaredNorm(Whiten(steps[k]))))];
        double keep = 1 - _c1 - (_cMu * _weights.Sum()) + (isSteady ? 0 : _c1 * _cc * (2 - _cc));
        for (int i = 0; i < _n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = 0;
                for (int k = 0; k < Population; k++)
                {
                    sum += weights[k] * steps[k][i] * steps[k][j];
                }

                double entry = (keep * _covariance[(i * _n) + j]) + (_c1 * _evolutionPath[i] * _evolutionPath[j]) + (_cMu * sum);
                _covariance[(i * _n) + j] = _covariance[(j * _n) + i] = entry;
            }
        }

        _sigma = Math.Min(_sigma * Math.Exp(_cSigma / _dSigma * ((norm / _expectedNorm) - 1)), 1);
        Decompose();
        KeepMargin();
        _bestLosses.Add(bestLoss);
    }

    /// <summary>Whether going on is pointless: steps too small to matter, losses that no longer change, or a shape that can't be computed with.</summary>
    public bool HasConverged()
    {
        const double smallestStep = 1e-5; // of the cube
        double widest = 0;
        for (int i = 0; i < _n; i++)
        {
            widest = Math.Max(widest, _sigma * (_cells[i] == 0 ? 1 : 0.1) * Math.Sqrt(_covariance[(i * _n) + i]));
        }

        int window = 10 + (int)Math.Ceiling(30.0 * _n / Population);
        bool isFlat = _bestLosses.Count >= window
            && _bestLosses.TakeLast(window).Max() - _bestLosses.TakeLast(window).Min() <= 1e-12 * Math.Max(1e-300, Math.Abs(_bestLosses[^1]));
        return widest < smallestStep || isFlat || _deviations.Max() > 1e7 * _deviations.Min();
    }

    private static double SquaredNorm(double[] x) => DenseMath.Dot(x, x);

    /// <summary>(x − m)/(σA), shortened where it is longer than a sample would be.</summary>
    private double[] Step(double[] point)
    {
        double[] step = new double[_n];
        for (int i = 0; i < _n; i++)
        {
            step[i] = (point[i] - _mean[i]) / (_sigma * _scales[i]);
        }

        double length = Math.Sqrt(SquaredNorm(Whiten(step)));
        double longest = Math.Sqrt(_n) + (2.0 * _n / (_n + 2));
        for (int i = 0; i < _n && length > longest; i++)
        {
            step[i] *= longest / length;
        }

        return step;
    }

    /// <summary>C^(−1/2)·y.</summary>
    private double[] Whiten(double[] y)
    {
        double[] result = new double[_n];
        for (int k = 0; k < _n; k++)
        {
            double projection = 0;
            for (int i = 0; i < _n; i++)
            {
                projection += _vectors[(i * _n) + k] * y[i];
            }

            projection /= _deviations[k];
            for (int i = 0; i < _n; i++)
            {
                result[i] += _vectors[(i * _n) + k] * projection;
            }
        }

        return result;
    }

    private void Decompose()
    {
        SymmetricEigen.Decompose(_covariance, _deviations, _vectors);
        for (int i = 0; i < _n; i++)
        {
            _deviations[i] = Math.Sqrt(Math.Max(_deviations[i], 1e-20));
        }
    }

    /// <summary>Moves the mean and widens A where a cell's neighbours would hardly be drawn any more (Hamano et al., section 4).</summary>
    private void KeepMargin()
    {
        double alpha = 1.0 / (Population * _n);
        for (int j = 0; j < _n; j++)
        {
            int cells = _cells[j];
            if (cells < 2)
            {
                continue;
            }

            double deviation = _sigma * _scales[j] * Math.Sqrt(_covariance[(j * _n) + j]);
            int cell = (int)Cells.IndexOf(_mean[j], cells);
            (double low, double high) = Cells.At(cell, cells);
            if (cell == 0 || cell == cells - 1)
            {
                double border = cell == 0 ? high : low;
                double farthest = -Normal.Quantile(alpha) * deviation;
                double distance = Math.Min(Math.Abs(_mean[j] - border), farthest);
                _mean[j] = cell == 0 ? border - distance : border + distance;
                continue;
            }

            double below = Normal.Cdf((low - _mean[j]) / deviation);
            double above = Normal.Cdf((_mean[j] - high) / deviation);
            double middle = 1 - below - above;
            double atLeastBelow = Math.Max(alpha / 2, below);
            double atLeastAbove = Math.Max(alpha / 2, above);
            double excess = (1 - atLeastBelow - atLeastAbove - middle) / (atLeastBelow + atLeastAbove + middle - (1.5 * alpha));
            double newBelow = Math.Clamp(atLeastBelow + (excess * (atLeastBelow - (alpha / 2))), 1e-12, 0.5 - 1e-12);
            double newAbove = Math.Clamp(atLeastAbove + (excess * (atLeastAbove - (alpha / 2))), 1e-12, 0.5 - 1e-12);
            if (newBelow == below && newAbove == above)
            {
                continue;
            }

            double toBelow = -Normal.Quantile(newBelow);
            double toAbove = -Normal.Quantile(newAbove);
            _mean[j] = ((low * toAbove) + (high * toBelow)) / (toAbove + toBelow);
            _scales[j] *= (high - low) / (deviation * (toAbove + toBelow));
        }
    }
}
