namespace Descent.Cli.Bench;

/// <summary>Something to be timed beside others.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">Bytes of memory that one run reads and writes.</param>
/// <param name="Run">Does it once.</param>
/// <param name="Finish">Waits until all runs are done, where they only begin; null where a run is done when it returns.</param>
internal sealed record StepCase(string Name, long Bytes, Action Run, Action? Finish = null);
