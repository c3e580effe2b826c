namespace Descent.Tuning.Samplers;

/// <summary>
/// The kernel's parameters that are most probable given the data: the marginal likelihood times a prior, maximised over their logarithms by L-BFGS.
/// </summary>
/// <remarks>
/// Prior of the length scales: log-normal with mean √2 + ½·log d and deviation √3, which expects functions to be as smooth as the cube's diameter allows. Hvarfner,
/// Hellsten, Nardi, "Vanilla Bayesian Optimization Performs Great in High Dimensions", 2024 (arXiv 2402.02229), section 4. Of the noise: log-normal with
/// mean −6 and deviation 2 of the standardised values, at least 1e-6: training metrics range from exact to noisy. Of the scale: log-normal around 1, deviation 1.
/// </remarks>
internal sealed class KernelFit
{
    private const double LengthDeviation = 1.7320508075688772; // √3
    private const double ScaleDeviation = 1;
    private const double NoiseMean = -6;
    private const double NoiseDeviation = 2;

    // Bounds of 1/ℓ² (a length of six cubes: flat), of the scale and of the noise, in logarithms.
    private static readonly (double Low, double High) WeightBounds = (Math.Log(0.03), Math.Log(1e4));
    private static readonly (double Low, double High) ScaleBounds = (Math.Log(0.05), Math.Log(20));
    private static readonly (double Low, double High) NoiseBounds = (Math.Log(1e-6), 0);

    private readonly ProcessData _data;
    private readonly double[] _values;
    private readonly int _count;
    private readonly Cholesky _factor = new();
    private readonly double[] _kernel;
    private readonly double[] _slopes;
    private readonly double[] _inverseFactor;
    private readonly double[] _residual;
    private readonly double[] _diagonal;
    private readonly double[] _alpha;

    private KernelFit(ProcessData data, double[] values)
    {
        (_data, _values, _count) = (data, values, values.Length);
        int pairs = _count * (_count - 1) / 2;
        (_kernel, _slopes, _residual) = (new double[pairs], new double[pairs], new double[pairs]);
        (_diagonal, _alpha) = (new double[_count], new double[_count]);
        _inverseFactor = new double[pairs + _count];
    }

    /// <summary>The most probable parameters given the first points of the data.</summary>
    /// <param name="data">The points.</param>
    /// <param name="values">Standardised values of the first so many of them.</param>
    /// <param name="iterations">The most iterations.</param>
    public static KernelParameters Run(ProcessData data, double[] values, int iterations)
    {
        int d = data.Dimensions;
        KernelFit fit = new(data, values);
        double[] x = new double[d + 2];
        Array.Fill(x, Math.Log(4.0 / d), 0, d); // lengths of half the cube's diagonal
        (x[d], x[d + 1]) = (0, Math.Log(1e-3));
        (double[] low, double[] high) = Bounds(d);
        Lbfgs.Minimize(fit.NegativeLogPosterior, x, low, high, iterations, 1e-3, 1);
        return Parameters(x);
    }

    /// <summary>
    /// Parameters drawn from their posterior, by some steps of slice sampling along random lines from the most probable ones: that a length scale isn't known well is then part of
    /// what is tried. Neal, "Slice Sampling", Annals of Statistics 31 (2003); for this use of it Snoek, Larochelle, Adams, "Practical Bayesian Optimization of Machine
    /// Learning Algorithms", NIPS 2012, section 3.1.
    /// </summary>
    /// <param name="data">The points.</param>
    /// <param name="values">Standardised values of the first so many of them.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="random">Random numbers.</param>
    public static KernelParameters Sample(ProcessData data, double[] values, KernelParameters from, int steps, CounterRandom random)
    {
        const double width = 3; // of a slice, in deviations of a prior
        const int most = 8; // of shrinkages, after which the step is left out
        KernelFit fit = new(data, values);
        double[] x = [.. from.Weights.Select(static weight => Math.Log(weight)), Math.Log(from.Scale), Math.Log(from.Noise)];
        (double[] low, double[] high) = Bounds(data.Dimensions);
        double[] direction = new double[x.Length];
        double[] place = new double[x.Length];
        double value = fit.NegativeLogPosterior(x, []);
        for (int step = 0; step < steps; step++)
        {
            double norm = 0;
            for (int j = 0; j < x.Length; j++)
            {
                direction[j] = random.NextNormal();
                norm += direction[j] * direction[j];
            }

            double scale = width * Math.Sqrt(x.Length / norm);
            double level = value - Math.Log(1 - random.NextDouble());
            double left = -random.NextDouble();
            double right = left + 1;
            for (int shrinkage = 0; shrinkage < most; shrinkage++)
            {
                double along = random.NextDouble(left, right);
                bool isInside = true;
                for (int j = 0; j < x.Length; j++)
                {
                    place[j] = x[j] + (along * scale * direction[j]);
                    isInside &= place[j] >= low[j] && place[j] <= high[j];
                }

                double there = isInside ? fit.NegativeLogPosterior(place, []) : double.PositiveInfinity;
                if (there <= level)
                {
                    place.CopyTo(x, 0);
                    value = there;
                    break;
                }

                (left, right) = along < 0 ? (along, right) : (left, along);
            }
        }

        return Parameters(x);
    }

    private static (double[] Low, double[] High) Bounds(int dimensions) =>
    (
        [.. Enumerable.Repeat(WeightBounds.Low, dimensions), ScaleBounds.Low, NoiseBounds.Low],
        [.. Enumerable.Repeat(WeightBounds.High, dimensions), ScaleBounds.High, NoiseBounds.High]);

    private static double MeanLogLength(int dimensions) => Math.Sqrt(2) + (0.5 * Math.Log(dimensions));

    private static KernelParameters Parameters(ReadOnlySpan<double> x)
    {
        double[] weights = new double[x.Length - 2];
        for (int j = 0; j < weights.Length; j++)
        {
            weights[j] = Math.Exp(x[j]);
        }

        return new KernelParameters(weights, Math.Exp(x[^2]), Math.Exp(x[^1]));
    }

    private double NegativeLogPosterior(ReadOnlySpan<double> x, Span<double> gradient)
    {
        KernelParameters parameters = Parameters(x);
        int d = parameters.Weights.Length;
        Array.Clear(_kernel);
        for (int j = 0; j < d; j++)
        {
            DenseMath.AddScaled(_kernel, parameters.Weights[j], _data.Differences(j, _count));
        }

        DenseMath.Matern52(_kernel, _slopes, parameters.Scale);
        parameters.FactorWithJitter(_kernel, _count, _factor);
        _values.CopyTo(_alpha, 0);
        _factor.SolveLower(_alpha);
        double value = 0.5 * (DenseMath.Dot(_alpha, _alpha) + _factor.LogDeterminant);
        if (gradient.IsEmpty)
        {
            return value + Prior(x, new double[d + 2], d);
        }

        _factor.SolveUpper(_alpha);
        InverseMinusOuterProduct();

        double trace = 0;
        foreach (double entry in _diagonal)
        {
            trace += entry;
        }

        for (int j = 0; j < d; j++)
        {
            gradient[j] = parameters.Weights[j] * DenseMath.Dot(_residual, _slopes, _data.Differences(j, _count));
        }

        gradient[d] = DenseMath.Dot(_residual, _kernel) + (0.5 * parameters.Scale * trace);
        gradient[d + 1] = 0.5 * parameters.Noise * trace;
        return value + Prior(x, gradient, d);
    }

    /// <summary>K⁻¹ − ααᵀ: what the gradient of the likelihood multiplies each entry of dK with.</summary>
    private void InverseMinusOuterProduct()
    {
        _factor.InverseFactor(_inverseFactor);
        Array.Clear(_residual);
        Array.Clear(_diagonal);
        for (int k = 0; k < _count; k++)
        {
            ReadOnlySpan<double> row = _inverseFactor.AsSpan(k * (k + 1) / 2, k + 1);
            for (int i = 0; i <= k; i++)
            {
                DenseMath.AddScaled(_residual.AsSpan(i * (i - 1) / 2, i), row[i], row[..i]);
                _diagonal[i] += row[i] * row[i];
            }
        }

        for (int i = 0; i < _count; i++)
        {
            DenseMath.AddScaled(_residual.AsSpan(i * (i - 1) / 2, i), -_alpha[i], _alpha.AsSpan(0, i));
            _diagonal[i] -= _alpha[i] * _alpha[i];
        }
    }

    private static double Prior(ReadOnlySpan<double> x, Span<double> gradient, int d)
    {
        double value = 0;
        for (int j = 0; j < d; j++)
        {
            value += Gaussian(x[j], -2 * MeanLogLength(d), 2 * LengthDeviation, ref gradient[j]);
        }

        return value + Gaussian(x[d], 0, ScaleDeviation, ref gradient[d]) + Gaussian(x[d + 1], NoiseMean, NoiseDeviation, ref gradient[d + 1]);
    }

    private static double Gaussian(double x, double mean, double deviation, ref double gradient)
    {
        double z = (x - mean) / deviation;
        gradient += z / deviation;
        return 0.5 * z * z;
    }
}
