using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>
/// Adaptive clipping (<see cref="AdaptiveClipping"/>; Brock et al. 2021): every row of a matrix, filter and vector whose gradient's norm is above
/// ratio · max(its own norm, epsilon) is scaled down to that. The head is left alone, as in the paper.
/// </summary>
public sealed record AdaptiveClipOptions
{
    /// <summary>λ, above 0. Default 0.01 (the paper's for large batches).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Ratio { get; init => field = Require.Positive(value); } = 0.01;

    /// <summary>ε, above 0: a smaller norm counts as this. Default 1e-3 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-3;
}
