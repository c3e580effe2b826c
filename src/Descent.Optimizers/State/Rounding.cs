using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// What is added below the last bit that is kept before the rest is cut off: a pure function of a key and of the value's place, so that
/// the result is the same on any number of threads, at any width, and after a resume.
/// </summary>
internal interface IRounding
{
    /// <summary>Numbers of so many bits for the elements from <paramref name="index"/> on.</summary>
    TBits Next<TBits>(uint index, int bits) where TBits : struct, IBitLane<TBits>;
}

/// <summary>Half a unit for everyone: to nearest, ties away from zero.</summary>
internal readonly struct NearestRounding : IRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBits Next<TBits>(uint index, int bits) where TBits : struct, IBitLane<TBits> => TBits.Broadcast(1u << (bits - 1));
}

/// <summary>
/// Evenly distributed, so that the rounded value is the value on average: a mean that moves by less than half a unit a step (β₂ = 0.999) would stand still
/// with rounding to nearest.
/// </summary>
/// <remarks>
/// A Weyl sequence, a second key, and one round of xor-shift and multiply. Without the second key, two keys would give the same sequence, shifted. One round is
/// enough for rounding: <c>RoundingTests</c> looks at means, at neighbours, at steps and at the two streams. Two streams share a draw: one takes its upper bits
/// and the other its lower, and where a code needs more than 16 of them, those that both take are the upper bits of the one and the lower of the other.
/// </remarks>
internal readonly struct StochasticRounding : IRounding
{
    private const uint Weyl = 0x9E3779B9; // 2³² divided by the golden ratio
    private const uint Multiplier = 0x846CA68B; // of Wellons' lowbias32, 2018
    private readonly uint _first;
    private readonly uint _second;
    private readonly bool _lower;

    private StochasticRounding(uint first, uint second, bool lower) => (_first, _second, _lower) = (first, second, lower);

    /// <summary>Of one stream (a state, the parameter) of one tensor in one step; streams 2k and 2k + 1 share their draws.</summary>
    public static StochasticRounding Of(ulong tensor, long step, int stream)
    {
        ulong key = Mix(unchecked(Mix(tensor + ((ulong)step * 0x9E3779B97F4A7C15)) + (ulong)(stream / 2)));
        return new StochasticRounding((uint)key, (uint)(key >> 32), stream % 2 != 0);
    }

    /// <summary>The same stream from an element on, however far.</summary>
    public StochasticRounding From(long offset) =>
        new(unchecked(_first + (uint)offset), unchecked(_second + ((uint)(offset >> 32) * 0x9E3779B9)), _lower);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBits Next<TBits>(uint index, int bits) where TBits : struct, IBitLane<TBits> =>
        (Draw(Counter<TBits>(index), Key<TBits>()) << (_lower ? 32 - bits : 0)) >> (32 - bits);

    /// <summary>The counter of the elements from <paramref name="index"/> on. Loops count by adding <see cref="Ahead"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBits Counter<TBits>(uint index) where TBits : struct, IBitLane<TBits> =>
        TBits.Count(unchecked(_first + index)) * TBits.Broadcast(Weyl);

    /// <summary>From the counter of elements to that of so many elements later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Ahead<TBits>(int elements) where TBits : struct, IBitLane<TBits> => TBits.Broadcast(unchecked((uint)elements * Weyl));

    /// <summary>The key that belongs to the counters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TBits Key<TBits>() where TBits : struct, IBitLane<TBits> => TBits.Broadcast(_second);

    /// <summary>32 bits an element, for two streams: <see cref="Upper"/> and <see cref="Lower"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Draw<TBits>(TBits counter, TBits key) where TBits : struct, IBitLane<TBits>
    {
        TBits x = counter ^ key;
        x ^= x >> 15;
        return x * TBits.Broadcast(Multiplier);
    }

    /// <summary>The bits of the stream with the even number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Upper<TBits>(TBits draw, int bits) where TBits : struct, IBitLane<TBits> => draw >> (32 - bits);

    /// <summary>The bits of the stream with the odd number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Lower<TBits>(TBits draw, int bits) where TBits : struct, IBitLane<TBits> => draw & TBits.Broadcast((1u << bits) - 1);

    /// <summary>Steele, Lea and Flood's SplitMix64, 2014.</summary>
    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
