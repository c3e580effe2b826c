namespace Descent.Tuning.Samplers;

/// <summary>What a Gaussian process's kernel is made of.</summary>
/// <param name="Weights">1/ℓ² of each dimension.</param>
/// <param name="Scale">The variance of the function.</param>
/// <param name="Noise">The variance of the noise.</param>
internal sealed record KernelParameters(double[] Weights, double Scale, double Noise)
{
    /// <summary>Factorises K + noise·I; where rounding makes it singular, with more and more on the diagonal.</summary>
    /// <param name="kernel">The kernel of all pairs i &gt; j, at i·(i − 1)/2 + j.</param>
    /// <param name="count">The number of points.</param>
    /// <param name="factor">Receives the factor.</param>
    public void FactorWithJitter(ReadOnlySpan<double> kernel, int count, Cholesky factor)
    {
        Span<double> row = new double[count];
        for (double jitter = 0; ; jitter = jitter == 0 ? 1e-10 * Scale : jitter * 100)
        {
            factor.Clear(count);
            bool definite = true;
            for (int i = 0; i < count && definite; i++)
            {
                kernel.Slice(i * (i - 1) / 2, i).CopyTo(row);
                row[i] = Scale + Noise + jitter;
                definite = factor.Append(row[..(i + 1)]);
            }

            if (definite)
            {
                return;
            }
        }
    }
}
