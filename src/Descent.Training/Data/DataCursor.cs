namespace Descent.Training.Data;

/// <summary>An exact place in the stream of batches: the next sample to hand out. Serialises as two numbers.</summary>
/// <param name="Epoch">The pass, from 0.</param>
/// <param name="Sample">Position in the pass's order, 0 … count − 1 (not a sample's number).</param>
public sealed record DataCursor(long Epoch, long Sample);
