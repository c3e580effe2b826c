namespace Descent.Cli.Bench;

/// <summary>Something to be timed beside others.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">Bytes of memory that one run reads and writes.</param>
/// <param name="Run">Does it once.</param>
/// <param name="Finish">Waits until all runs are done, where they only begin; null where a run is done when it returns.</param>
/// <param name="Beside">What its time is a multiple of: runs right before it in every round, for a machine's speed may change within one.</param>
internal sealed record StepCase(string Name, long Bytes, Action Run, Action? Finish = null, Action? Beside = null);
