namespace Descent.Tuning.Races;

/// <summary>What came of a race so far.</summary>
public sealed record RaceResult
{
    /// <summary>The contenders, the best first; those without a run last.</summary>
    public required IReadOnlyList<RaceEntry> Entries { get; init; }

    /// <summary>The value whose reaching is timed; none: not known yet.</summary>
    public double? Target { get; init; }

    /// <summary>The contender that set the target; none: it was given.</summary>
    public string? TargetOf { get; init; }

    /// <summary>The seeds that were wanted.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>What was wanted and not done, or must be known to judge the result, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The recommendation.</summary>
    public required RaceVerdict Verdict { get; init; }
}
