namespace Descent.Tuning.Samplers;

/// <summary>
/// The kernel's parameters that are most probable given the data: the marginal likelihood times a prior, maximised over their logarithms by L-BFGS.
/// </summary>
/// <remarks>
/// Prior of the length scales: log-normal with mean √2 + ½·log d and deviation √3, which expects functions to be as smooth as the cube's diameter allows. Hvarfner,
/// Hellsten, Nardi, "Vanilla Bayesian Optimization Performs Great in High Dimensions", 2024 (arXiv 2402.02229), section 4. Of the noise: log-normal with
/// mean −6 and deviation 2 of the standardised values, at least 1e-6: training metrics range from exact to noisy. Of the scale: log-normal around 1, deviation 1.
/// </remarks>
public sealed class KernelFit
{
    private const double LeastNoise = 1e-6;
    private const double WidthDeviation = 1.7320508075688772; // √3

    public static double NoiseMean = -6, NoiseDev = 2, ScaleDev = 1, LenShift = 0, LenDev = 1, StartLen = 4, Least = 1e-6;
    public static int Starts = 1; public static double LowWeight = 0.03;
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

    /// <summary>Fits to the first points of the data.</summary>
    /// <param name="data">The points.</param>
    /// <param name="values">Standardised values of the first so many of them.</param>
    /// <param name="iterations">The most iterations.</param>
    internal static KernelParameters Run(ProcessData data, double[] values, int iterations)
    {
        int d = data.Dimensions;
        KernelFit fit = new(data, values);
        double[] x = new double[d + 2];
        double[] low = new double[d + 2];
        double[] high = new double[d + 2];
        Array.Fill(x, -2 * MeanLogLength(d), 0, d);
        Array.Fill(low, Math.Log(LowWeight));
        Array.Fill(high, Math.Log(1e4));
        (x[d], low[d], high[d]) = (0, Math.Log(0.05), Math.Log(20));
        (x[d + 1], low[d + 1], high[d + 1]) = (Math.Log(1e-3), Math.Log(Least), 0);
        for (int j = 0; j < d; j++)
        {
            x[j] = Math.Log(StartLen / d);
        }
        double[] x0 = [.. x];
        double v0 = Lbfgs.Minimize(fit.NegativeLogPosterior, x, low, high, iterations, 1e-3, 1);
        for (int s = 1; s < Starts; s++)
        {
            double[] x1 = [.. x0];
            for (int j = 0; j < d; j++) x1[j] += s == 1 ? 3 : -3;
            x1[d + 1] = Math.Log(s == 1 ? 1e-5 : 1e-1);
            double v1 = Lbfgs.Minimize(fit.NegativeLogPosterior, x1, low, high, iterations, 1e-3, 1);
            if (v1 < v0) (v0, x) = (v1, x1);
        }
        return Parameters(x);
    }

    internal static KernelParameters Sample(ProcessData data, double[] values, KernelParameters map, int steps, CounterRandom random)
    {
        int d = data.Dimensions;
        KernelFit fit = new(data, values);
        double[] x = [.. map.Weights.Select(static w => Math.Log(w)), Math.Log(map.Scale), Math.Log(map.Noise)];
        double[] low = new double[d + 2], high = new double[d + 2];
        Array.Fill(low, Math.Log(LowWeight)); Array.Fill(high, Math.Log(1e4));
        (low[d], high[d]) = (Math.Log(0.05), Math.Log(20));
        (low[d + 1], high[d + 1]) = (Math.Log(Least), 0);
        double[] g = new double[d + 2], t = new double[d + 2], u = new double[d + 2];
        double v = fit.NegativeLogPosterior(x, []);
        for (int s = 0; s < steps; s++)
        {
            double norm = 0;
            for (int j = 0; j < d + 2; j++) { u[j] = random.NextNormal(); norm += u[j] * u[j]; }
            norm = Math.Sqrt(norm / 1);
            for (int j = 0; j < d + 2; j++) u[j] *= SliceWidth * Math.Sqrt(d + 2) / norm;
            double level = v - Math.Log(1 - random.NextDouble());
            double lo = -random.NextDouble(), hi = lo + 1;
            for (int k = 0; k < 8; k++)
            {
                double a = random.NextDouble(lo, hi);
                bool inside = true;
                for (int j = 0; j < d + 2; j++) { t[j] = x[j] + a * u[j]; inside &= t[j] >= low[j] && t[j] <= high[j]; }
                double tv = inside ? fit.NegativeLogPosterior(t, []) : double.PositiveInfinity;
                if (tv <= level) { t.CopyTo(x, 0); v = tv; break; }
                if (a < 0) lo = a; else hi = a;
            }
        }
        return Parameters(x);
    }

    public static double SliceWidth = 3;

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
        if (gradient.IsEmpty) return value + Prior(x, new double[d + 2], d);
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
            value += Gaussian(x[j], -2 * (LenShift + MeanLogLength(d)), 2 * LenDev * WidthDeviation, ref gradient[j]);
        }

        return value + Gaussian(x[d], 0, ScaleDev, ref gradient[d]) + Gaussian(x[d + 1], NoiseMean, NoiseDev, ref gradient[d + 1]);
    }

    private static double Gaussian(double x, double mean, double deviation, ref double gradient)
    {
        double z = (x - mean) / deviation;
        gradient += z / deviation;
        return 0.5 * z * z;
    }
}
