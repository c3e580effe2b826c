namespace Descent.Tuning;

/// <summary>A time during which one worker held a trial, by the journal's clock.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Start">When it took the trial.</param>
/// <param name="End">When it ended it, gave it back, or was heard of last before it died; none: it holds it.</param>
public readonly record struct TrialSpan(string? Worker, DateTimeOffset Start, DateTimeOffset? End);
