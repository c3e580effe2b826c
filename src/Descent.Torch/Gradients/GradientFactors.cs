namespace Descent.Torch;

/// <summary>What each parameter's gradient is multiplied by in a step: clipping by norms of its own.</summary>
public sealed class GradientFactors
{
    private readonly IReadOnlyDictionary<string, double> _factors;

    /// <summary>Factors by name.</summary>
    /// <param name="factors">The factors; a parameter that is not among them has 1.</param>
    /// <param name="share">The part of the clipped tensors or blocks, for reports.</param>
    public GradientFactors(IReadOnlyDictionary<string, double> factors, double share = 0)
    {
        ArgumentNullException.ThrowIfNull(factors);
        (_factors, Share) = (factors, share);
    }

    /// <summary>The part of the tensors or blocks that is scaled down, from 0 to 1.</summary>
    public double Share { get; }

    /// <summary>A parameter's factor.</summary>
    /// <param name="parameter">Its name.</param>
    public double this[string parameter] => _factors.GetValueOrDefault(parameter, 1);
}
