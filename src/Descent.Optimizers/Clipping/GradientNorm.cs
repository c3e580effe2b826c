namespace Descent.Optimizers;

/// <summary>What one pass over all gradients found.</summary>
/// <param name="SumOfSquares">Σg² over all elements of all tensors.</param>
/// <param name="FirstNonFinite">The first tensor with an infinite or NaN element, or −1.</param>
public readonly record struct GradientNorm(double SumOfSquares, int FirstNonFinite)
{
    /// <summary>√Σg².</summary>
    public double Norm => Math.Sqrt(SumOfSquares);

    /// <summary>Whether every element is finite.</summary>
    public bool IsFinite => FirstNonFinite < 0;

    /// <summary>
    /// The factor for <see cref="StepScalars.GradientScale"/> that brings the norm down to <paramref name="maxNorm"/>:
    /// min(1, maxNorm/(norm + 1e-6)), as <c>torch.nn.utils.clip_grad_norm_</c> has it.
    /// </summary>
    /// <param name="maxNorm">The largest norm allowed, above 0.</param>
    /// <param name="scale">What the gradients are multiplied by anyway (accumulation, loss scaling); the norm is scaled by it first.</param>
    /// <returns>The clipping factor, without <paramref name="scale"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxNorm"/> is not above 0.</exception>
    public double ClipFactor(double maxNorm, double scale = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNorm);
        return Math.Min(1, maxNorm / ((Norm * Math.Abs(scale)) + 1e-6));
    }
}
