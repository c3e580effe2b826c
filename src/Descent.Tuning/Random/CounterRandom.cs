using System.Numerics;

namespace Descent.Tuning;

/// <summary>
/// Random numbers computed from a seed, what they are for, and how many were drawn: <c>xᵢ = mix(key(seed, purpose) + i·φ)</c>, SplitMix64.
/// </summary>
/// <remarks>
/// The same seed and purpose give the same numbers on every machine, whatever was drawn elsewhere. A study seeds one for each proposal by (study's
/// seed, number of the trial, attempt). Not for secrets. Not safe for use by several threads at once: <see cref="Split"/> one for each.
/// Reference: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
/// </remarks>
public sealed class CounterRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private readonly ulong _key;
    private ulong _counter;
    private double _spareNormal = double.NaN;

    /// <summary>A source for one purpose.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="purpose">What the numbers are for: a trial's number, an attempt, a dimension.</param>
    public CounterRandom(long seed, params ReadOnlySpan<long> purpose)
    {
        _key = Mix(unchecked((ulong)seed + Golden));
        foreach (long word in purpose)
        {
            _key = Absorb(_key, word);
        }
    }

    private CounterRandom(ulong key) => _key = key;

    /// <summary>A source of its own for a part of the purpose: it does not depend on what was drawn here, nor changes it.</summary>
    /// <param name="label">The part: a dimension, an index.</param>
    public CounterRandom Split(long label) => new(Absorb(_key, label));

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64() => Mix(unchecked(_key + (++_counter * Golden)));

    /// <summary>Uniform on [0, 1), in steps of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform on [low, high).</summary>
    /// <param name="low">The least value.</param>
    /// <param name="high">Above every value.</param>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform on 0, …, count − 1. The bias is below count·2⁻⁶⁴ (Lemire's multiplication).</summary>
    /// <param name="count">How many numbers; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public long NextInteger(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (long)Math.BigMul(NextUInt64(), (ulong)count, out _);
    }

    /// <summary>Normal(0, 1), by Box and Muller.</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            double spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        (double sin, double cos) = Math.SinCos(2 * Math.PI * NextDouble());
        _spareNormal = radius * sin;
        return radius * cos;
    }

    /// <summary>Puts items into random order (Fisher and Yates).</summary>
    /// <typeparam name="T">The items' type.</typeparam>
    /// <param name="items">The items, in place.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = (int)NextInteger(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Absorb(ulong key, long word) => Mix(unchecked(BitOperations.RotateLeft(key, 23) + ((ulong)word * 0xD1342543DE82EF95) + Golden));

    private static ulong Mix(ulong state)
    {
        state = unchecked((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9);
        state = unchecked((state ^ (state >> 27)) * 0x94D049BB133111EB);
        return state ^ (state >> 31);
    }
}
