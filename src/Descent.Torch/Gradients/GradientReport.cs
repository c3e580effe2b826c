namespace Descent.Torch;

/// <summary>What one read pass over all gradients found.</summary>
/// <param name="Norm">√Σg² over all parameters; not finite when a gradient isn't.</param>
/// <param name="NonFinite">The name of a parameter with an infinite or NaN gradient (the first of those that kernels serve), or null.</param>
public readonly record struct GradientReport(double Norm, string? NonFinite)
{
    /// <summary>
    /// The factor for <see cref="StepRequest.GradientScale"/> that brings the norm down to <paramref name="maxNorm"/>:
    /// min(1, maxNorm/(norm + 1e-6)), as <c>torch.nn.utils.clip_grad_norm_</c>.
    /// </summary>
    /// <param name="maxNorm">The largest norm allowed, above 0.</param>
    /// <param name="scale">What the gradients are multiplied by anyway; the norm is scaled by it first.</param>
    /// <returns>The clipping factor, without <paramref name="scale"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxNorm"/> is not above 0.</exception>
    public double ClipFactor(double maxNorm, double scale = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNorm);
        return Math.Min(1, maxNorm / ((Norm * Math.Abs(scale)) + 1e-6));
    }
}
