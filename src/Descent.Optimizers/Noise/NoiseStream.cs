namespace Descent.Optimizers;

/// <summary>The noise of one tensor in one step.</summary>
/// <param name="Deviation">σ, in the unit of the gradient as it lies in memory.</param>
/// <param name="Key">What the numbers depend on, beside the element: from <see cref="KeyOf"/>.</param>
/// <param name="ClipValue">Bounds every element of the gradient to ±this before the noise is added; null bounds nothing.</param>
public readonly record struct NoiseStream(double Deviation, ulong Key, double? ClipValue = null)
{
    /// <summary>The key of one parameter's noise in one step: the same on every machine and any number of threads.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step.</param>
    /// <param name="parameter">The parameter's name.</param>
    public static ulong KeyOf(long seed, long step, ReadOnlySpan<char> parameter) => Gaussian.Key(seed, step, parameter);
}
