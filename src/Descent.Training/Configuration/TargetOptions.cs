namespace Descent.Training.Configuration;

/// <summary>A metric and the bound that ends a run when a validation reaches it.</summary>
public sealed record TargetOptions : IValidatable
{
    /// <summary>The metric's name, as the progress display and <c>metrics.jsonl</c> give it.</summary>
    public string Metric { get; init; } = "validation/loss";

    /// <summary>Ends the run when the metric is at most this.</summary>
    public double? Below { get; init; }

    /// <summary>Ends the run when the metric is at least this.</summary>
    public double? Above { get; init; }

    /// <summary>Whether <paramref name="value"/> reaches the target.</summary>
    public bool IsReachedBy(double value) => value <= Below || value >= Above;

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        if (Below is null == Above is null)
        {
            yield return "give either below or above";
        }
    }
}
