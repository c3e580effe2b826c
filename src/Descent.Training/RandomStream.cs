namespace Descent.Training;

/// <summary>Counter-based seeds: each random choice of a run has a seed of its own, computed from what it is for and never from what came before.</summary>
internal static class RandomStream
{
    /// <summary>The seed of dropout in one segment of a model, in one micro-batch of one step: a segment that runs alone, or once more, draws the same.</summary>
    public static long OfSegment(long seed, long step, long microBatch, int segment) => Mix(seed, 0x64726f70, step, microBatch, segment);

    // SplitMix64's finalizer (Steele, Lea, Flood 2014) absorbs one word after the other.
    private static long Mix(params ReadOnlySpan<long> words)
    {
        ulong state = 0x9E3779B97F4A7C15;
        foreach (long word in words)
        {
            state = unchecked(state + (ulong)word + 0x9E3779B97F4A7C15);
            state = unchecked((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9);
            state = unchecked((state ^ (state >> 27)) * 0x94D049BB133111EB);
            state ^= state >> 31;
        }

        // torch seeds are shown to people; a positive number reads better.
        return (long)(state >> 1);
    }
}
