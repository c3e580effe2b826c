namespace Descent.Training;

/// <summary>What one step found.</summary>
internal readonly record struct StepOutcome
{
    /// <summary>Mean loss over the counted targets of all micro-batches.</summary>
    public required double Loss { get; init; }

    /// <summary>The terms of a loss that has several.</summary>
    public required IReadOnlyDictionary<string, double> Terms { get; init; }

    /// <summary>Global norm of the mean gradient, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The norm after clipping; null where nothing clips.</summary>
    public double? ClippedNorm { get; init; }

    /// <summary>The part that was clipped, from 0 to 1; null where nothing clips.</summary>
    public double? ClippedFraction { get; init; }

    /// <summary>What the loss rises by on the way up of sharpness-aware minimization; null without it.</summary>
    public double? Sharpness { get; init; }

    public required long Samples { get; init; }

    public required long Tokens { get; init; }

    /// <summary>What was infinite or NaN, in words, or null. The parameters are then as they were, but for <see cref="PartlyApplied"/>.</summary>
    public string? NonFinite { get; init; }

    /// <summary>Whether some parameters were updated before a non-finite gradient was met: the weights are of no use then.</summary>
    public bool PartlyApplied { get; init; }
}
