using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>Clipping of parts of the gradient by their own norms: larger ones are scaled by max/(norm + 1e-6).</summary>
public sealed record ClipEachOptions
{
    /// <summary>The largest 2-norm of a part, above 0. Default 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Norm { get; init => field = Require.Positive(value); } = 1;

    /// <summary>What a part is. Default: a block of the model.</summary>
    public ClipPart By { get; init; } = ClipPart.Block;
}
