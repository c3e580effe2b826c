namespace Descent.Training.Data;

/// <summary>Counter-based randomness: a value is a pure function of its counter, so any place of a run can be computed without a state.</summary>
internal static class CounterHash
{
    /// <summary>
    /// One output of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): the counter advanced by the
    /// golden ratio's bits, then their 64-bit finalizer. A bijection.
    /// </summary>
    /// <param name="counter">Any number; neighbours give unrelated results.</param>
    public static ulong Mix(ulong counter)
    {
        ulong z = counter + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
