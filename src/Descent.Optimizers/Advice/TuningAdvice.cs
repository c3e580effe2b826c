namespace Descent.Optimizers;

/// <summary>What to search when a rule is tuned, and where to begin.</summary>
/// <param name="Lowest">The lower end of the learning rates to search.</param>
/// <param name="Start">The learning rate to try first.</param>
/// <param name="Highest">The upper end of the learning rates to search.</param>
/// <param name="Settings">The one or two settings that matter most beside the rate.</param>
public sealed record TuningAdvice(double Lowest, double Start, double Highest, params IReadOnlyList<AdvisedSetting> Settings)
{
    /// <summary>
    /// For rules with an <see cref="OptimizerOptions.Companion"/>: the companion's rate over the rule's own, so that one rate sets both. Default: 1, for rules whose step has the size of AdamW's.
    /// </summary>
    public double CompanionFactor { get; init; } = 1;

    /// <summary>The rule of which this one is another name or another scale of the rate, so that comparing both is in vain; null: none.</summary>
    public string? SameAs { get; init; }

    /// <summary>Whether the rule lies in <c>Contrib/</c>: comparisons by others have not settled its place yet.</summary>
    public bool IsContrib { get; init; }

    /// <summary>Whether the rule is for full batches: on mini-batches it follows their noise.</summary>
    public bool FullBatch { get; init; }
}
