namespace Descent.Tuning;

/// <summary>What a sampler wants to be tried.</summary>
/// <param name="Configuration">The point.</param>
public sealed record Proposal(Configuration Configuration)
{
    /// <summary>The number of the trial whose checkpoint this one begins with; none: it begins anew.</summary>
    public int? Parent { get; init; }

    /// <summary>What the sampler wants to find again in <see cref="TrialRecord.Tag"/>.</summary>
    public string? Tag { get; init; }
}
