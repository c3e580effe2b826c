namespace Descent.Cli.Bench;

/// <summary>Something to be timed beside others.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">Bytes of memory that one run reads and writes.</param>
/// <param name="Run">Does it once.</param>
internal sealed record StepCase(string Name, long Bytes, Action Run);
