namespace Descent.Tuning.Samplers;

/// <summary>
/// A Gaussian process over the unit cube: constant mean 0, Matérn 5/2 kernel with a length scale for each dimension, independent noise.
/// Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, chapters 2 and 5.
/// </summary>
internal sealed class GaussianProcess
{
    private readonly ProcessData _data;
    private readonly KernelParameters _kernel;
    private readonly Cholesky _factor = new();
    private readonly double[] _cross;
    private readonly double[] _slopes;
    private readonly double[] _solved;
    private readonly double[] _alpha;

    /// <param name="data">The points. More may be added while the process is used; it doesn't see them.</param>
    /// <param name="kernel">The parameters.</param>
    /// <param name="values">A value for each point, standardised.</param>
    public GaussianProcess(ProcessData data, KernelParameters kernel, ReadOnlySpan<double> values)
    {
        (_data, _kernel) = (data, kernel);
        Count = data.Count;
        _cross = new double[Count];
        _slopes = new double[Count];
        _solved = new double[Count];
        Factor();
        _alpha = values.ToArray();
        _factor.SolveLower(_alpha);
        _factor.SolveUpper(_alpha);
    }

    /// <summary>The number of points.</summary>
    public int Count { get; }

    /// <summary>Mean and variance of the function, without noise, at a point.</summary>
    public (double Mean, double Variance) Predict(ReadOnlySpan<double> x)
    {
        Cross(x, []);
        double mean = DenseMath.Dot(_cross, _alpha);
        _factor.SolveLower(_cross);
        double variance = _kernel.Scale - DenseMath.Dot(_cross, _cross);
        return (mean, Math.Max(variance, 1e-12 * _kernel.Scale));
    }

    /// <summary>Mean and variance, and their gradients.</summary>
    public (double Mean, double Variance) Predict(ReadOnlySpan<double> x, Span<double> meanGradient, Span<double> varianceGradient)
    {
        Cross(x, _slopes);
        double mean = DenseMath.Dot(_cross, _alpha);
        _cross.CopyTo(_solved);
        _factor.SolveLower(_solved);
        double variance = _kernel.Scale - DenseMath.Dot(_solved, _solved);
        _factor.SolveUpper(_solved);
        for (int j = 0; j < meanGradient.Length; j++)
        {
            double ofMean = 0;
            double ofVariance = 0;
            for (int i = 0; i < Count; i++)
            {
                double slope = _slopes[i] * _kernel.Weights[j] * _data.Slope(j, x[j], i);
                ofMean += slope * _alpha[i];
                ofVariance += slope * _solved[i];
            }

            meanGradient[j] = ofMean;
            varianceGradient[j] = -2 * ofVariance;
        }

        return (mean, Math.Max(variance, 1e-12 * _kernel.Scale));
    }

    /// <summary>The kernel between a point and all of the data.</summary>
    private void Cross(ReadOnlySpan<double> x, Span<double> slopes)
    {
        Array.Clear(_cross);
        for (int j = 0; j < _data.Dimensions; j++)
        {
            _data.AddDifferences(_cross, j, x[j], _kernel.Weights[j]);
        }

        DenseMath.Matern52(_cross, slopes, _kernel.Scale);
    }

    private void Factor()
    {
        double[] kernel = new double[Count * (Count - 1) / 2];
        for (int j = 0; j < _data.Dimensions; j++)
        {
            DenseMath.AddScaled(kernel, _kernel.Weights[j], _data.Differences(j, Count));
        }

        DenseMath.Matern52(kernel, [], _kernel.Scale);
        _kernel.FactorWithJitter(kernel, Count, _factor);
    }
}
