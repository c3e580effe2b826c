namespace Descent.Tuning.Races;

/// <summary>A trial of a contender's search that ended.</summary>
/// <param name="Configuration">What was tried.</param>
/// <param name="Value">What it gave; of one that was stopped early, the last it reported; none: it gave nothing.</param>
/// <param name="State">How it ended.</param>
public sealed record RaceTrial(Configuration Configuration, double? Value, TrialState State);
