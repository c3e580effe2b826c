using System.Numerics;

namespace Descent.Training.Data;

/// <summary>
/// A pseudorandom order of 0 … <see cref="Count"/> − 1 of which any position is computed alone, in constant time and memory: what lets a run
/// resume at an exact sample of a shuffled epoch without replaying or storing the shuffle.
/// </summary>
/// <remarks>
/// A balanced Feistel network is a bijection of 2^(2h) numbers whatever its round function; cycle walking (Black and Rogaway: "Ciphers with
/// arbitrary finite domains", 2002) restricts it to the first n: a result outside is encrypted again until it falls inside, at most four
/// rounds on average because the domain is less than 4n (16 for the smallest n).
/// </remarks>
public sealed class Permutation
{
    // Four rounds are Luby and Rackoff's bound for a strong pseudorandom permutation; halves of few bits mix worse, so twice that.
    private const int Rounds = 8;

    private readonly ulong[] _roundKeys = new ulong[Rounds];
    private readonly int _halfBits;
    private readonly ulong _halfMask;

    /// <summary>Creates the order for one pass.</summary>
    /// <param name="count">Numbers in the order, at least 1.</param>
    /// <param name="key">Seed and epoch; another key gives an unrelated order.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public Permutation(long count, EpochKey key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        int bits = 64 - BitOperations.LeadingZeroCount((ulong)(count - 1));
        _halfBits = Math.Max(2, (bits + 1) / 2);
        _halfMask = (1UL << _halfBits) - 1;
        for (int round = 0; round < Rounds; round++)
        {
            _roundKeys[round] = key.Hash((ulong)round);
        }
    }

    /// <summary>How many numbers the order holds.</summary>
    public long Count { get; }

    /// <summary>The number at a position of the order.</summary>
    /// <param name="position">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is outside the order.</exception>
    public long this[long position]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(position);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Count);
            ulong value = (ulong)position;
            do
            {
                value = Encrypt(value);
            }
            while (value >= (ulong)Count);
            return (long)value;
        }
    }

    private ulong Encrypt(ulong value)
    {
        ulong left = value >> _halfBits;
        ulong right = value & _halfMask;
        foreach (ulong key in _roundKeys)
        {
            (left, right) = (right, left ^ (CounterHash.Mix(right ^ key) & _halfMask));
        }

        return (left << _halfBits) | right;
    }
}
