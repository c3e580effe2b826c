namespace Descent.Training.Data;

/// <summary>Names one pass over the data; every random choice of that pass is a pure function of it.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Epoch">The pass, from 0.</param>
public readonly record struct EpochKey(long Seed, long Epoch)
{
    /// <summary>64 well-mixed bits for this pass and the given purpose.</summary>
    /// <param name="purpose">Keeps independent choices of one pass apart.</param>
    internal ulong Hash(ulong purpose) => CounterHash.Mix(CounterHash.Mix(CounterHash.Mix((ulong)Seed) + (ulong)Epoch) + purpose);
}
