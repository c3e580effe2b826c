namespace Descent.Training;

/// <summary>That a run ends, why, and the sentence that says so.</summary>
internal readonly record struct StopDecision(StopReason Reason, string Message);
