namespace Descent.Torch;

/// <summary>What clipping by value finds and will do.</summary>
/// <param name="Before">The gradients as they lie in memory: their norm, and who is not finite.</param>
/// <param name="Norm">√Σg² with every element bounded, as it lies in memory.</param>
/// <param name="Elements">Elements that were looked at.</param>
/// <param name="Clipped">How many of them are beyond the bound.</param>
public readonly record struct ValueClipReport(GradientReport Before, double Norm, long Elements, long Clipped)
{
    /// <summary>The part of the elements beyond the bound, from 0 to 1.</summary>
    public double Share => Elements == 0 ? 0 : (double)Clipped / Elements;
}
