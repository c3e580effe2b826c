namespace Descent.Tuning.Races;

/// <summary>A run of a contender's best settings with one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Value">What it ended with; none: it diverged, or failed otherwise.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="Curve">What it reported on its way.</param>
/// <param name="StepsToTarget">The step at which the curve crosses the target, by linear interpolation; none: not within the run. See <see cref="StepsAreAtMost"/>.</param>
/// <param name="Duration">How long it took, start included.</param>
/// <param name="Notes">What the objective wrote down about it.</param>
public sealed record RaceSeed(
    long Seed, double? Value, string? Reason, IReadOnlyList<ReportedValue> Curve, double? StepsToTarget, TimeSpan Duration, IReadOnlyDictionary<string, string> Notes)
{
    /// <summary>Whether <see cref="StepsToTarget"/> is only known to be no more than that: the target was reached at the first value that was reported, and how long before it, nothing tells.</summary>
    public bool StepsAreAtMost => StepsToTarget is { } steps && Curve is [{ Step: > 0 and var first }, ..] && steps == first;
}
