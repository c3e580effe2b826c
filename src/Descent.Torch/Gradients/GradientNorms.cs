namespace Descent.Torch;

/// <summary>The norm of every parameter's gradient, from one read pass.</summary>
public sealed class GradientNorms
{
    private readonly IReadOnlyDictionary<string, double> _norms;

    internal GradientNorms(GradientReport total, IReadOnlyDictionary<string, double> norms) => (Total, _norms) = (total, norms);

    /// <summary>The norm of all together, and who is not finite.</summary>
    public GradientReport Total { get; }

    /// <summary>The parameters that have a gradient.</summary>
    public IEnumerable<string> Names => _norms.Keys;

    /// <summary>√Σg² of one parameter; 0 where it has no gradient.</summary>
    /// <param name="parameter">Its name.</param>
    public double this[string parameter] => _norms.GetValueOrDefault(parameter);

    /// <summary>
    /// The factors that bring every parameter's gradient, or that of every block of parameters, down to a norm of its own: min(1, max/(norm + 1e-6)).
    /// </summary>
    /// <param name="maxNorm">The largest norm allowed, above 0.</param>
    /// <param name="scale">What the gradients are multiplied by anyway; the norms are scaled by it first.</param>
    /// <param name="block">The name of the block that a parameter belongs to. Default null: each is one of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxNorm"/> is not above 0.</exception>
    public GradientFactors ClipEach(double maxNorm, double scale = 1, Func<string, string>? block = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNorm);
        var squares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach ((string name, double norm) in _norms)
        {
            string key = block?.Invoke(name) ?? name;
            squares[key] = squares.GetValueOrDefault(key) + (norm * norm);
        }

        var factors = squares.ToDictionary(
            entry => entry.Key, entry => new GradientReport(Math.Sqrt(entry.Value), null).ClipFactor(maxNorm, scale), StringComparer.Ordinal);
        return new GradientFactors(
            _norms.Keys.ToDictionary(name => name, name => factors[block?.Invoke(name) ?? name], StringComparer.Ordinal),
            factors.Count == 0 ? 0 : (double)factors.Values.Count(static factor => factor < 1) / factors.Count);
    }
}
