namespace Descent.Optimizers;

/// <summary>What one pass of adaptive clipping found and did.</summary>
/// <param name="Before">The gradients as they were.</param>
/// <param name="SumOfSquares">Σg² over all elements afterwards.</param>
/// <param name="Units">Rows, filters and whole vectors that were looked at.</param>
/// <param name="Clipped">How many of them were scaled down.</param>
public readonly record struct AdaptiveClipResult(GradientNorm Before, double SumOfSquares, long Units, long Clipped)
{
    /// <summary>√Σg² afterwards.</summary>
    public double Norm => Math.Sqrt(SumOfSquares);

    /// <summary>The part of the units that was scaled down, from 0 to 1.</summary>
    public double Share => Units == 0 ? 0 : (double)Clipped / Units;
}
