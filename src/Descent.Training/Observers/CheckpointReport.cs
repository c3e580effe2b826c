namespace Descent.Training;

/// <summary>A checkpoint that is flushed to disk under its final name.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Path">The checkpoint's folder.</param>
/// <param name="IsBest">Whether it holds the best weights so far.</param>
public sealed record CheckpointReport(long Step, string Path, bool IsBest);
