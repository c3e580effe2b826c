namespace Descent.Torch;

/// <summary>What adaptive clipping found and did.</summary>
/// <param name="Before">The gradients as they were: their norm, and who is not finite.</param>
/// <param name="Norm">√Σg² afterwards.</param>
/// <param name="Units">Rows, filters and whole vectors that were looked at.</param>
/// <param name="Clipped">How many of them were scaled down.</param>
public readonly record struct AdaptiveClipReport(GradientReport Before, double Norm, long Units, long Clipped)
{
    /// <summary>The part of the units that was scaled down, from 0 to 1.</summary>
    public double Share => Units == 0 ? 0 : (double)Clipped / Units;

    /// <summary>The factor for <see cref="StepRequest.GradientScale"/> that brings the norm afterwards down to <paramref name="maxNorm"/>.</summary>
    /// <param name="maxNorm">The largest norm allowed, above 0.</param>
    /// <param name="scale">What the gradients are multiplied by anyway.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxNorm"/> is not above 0.</exception>
    public double ClipFactor(double maxNorm, double scale = 1) => new GradientReport(Norm, null).ClipFactor(maxNorm, scale);
}
