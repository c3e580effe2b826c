namespace Descent.Training.Probing;

/// <summary>What a <see cref="RateRangeTest"/> found.</summary>
public sealed record RateCurve
{
    /// <summary>The rate of each step.</summary>
    public required IReadOnlyList<double> Rates { get; init; }

    /// <summary>The loss of each step's batch, before its update.</summary>
    public required IReadOnlyList<double> Losses { get; init; }

    /// <summary>The smoothed losses.</summary>
    public required IReadOnlyList<double> Smoothed { get; init; }

    /// <summary>Whether the loss ran away before the last rate.</summary>
    public required bool Diverged { get; init; }

    /// <summary>The rate at which the smoothed loss falls fastest over the logarithm of the rate; null: it never falls.</summary>
    public double? Steepest { get; init; }

    /// <summary>The rate of the least smoothed loss, divided by ten; null: the loss never falls.</summary>
    public double? TenthOfMinimum { get; init; }

    /// <summary>The rate to begin with: the smaller of both.</summary>
    public double? Suggestion => Steepest is { } steepest && TenthOfMinimum is { } tenth ? Math.Min(steepest, tenth) : null;
}
