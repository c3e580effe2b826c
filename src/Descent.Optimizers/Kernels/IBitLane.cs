namespace Descent.Optimizers;

/// <summary>
/// Neighbouring 32-bit words that codecs work on: the bits of floats, codes on their way to memory, random bits. Every operation is exact or, for
/// floats, correctly rounded, so that all widths give the same bits.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal unsafe interface IBitLane<TSelf> where TSelf : struct, IBitLane<TSelf>
{
    /// <summary>Words in one lane.</summary>
    static abstract int Width { get; }

    static abstract TSelf Broadcast(uint value);

    /// <summary>first, first + 1, …</summary>
    static abstract TSelf Count(uint first);

    static abstract TSelf Load(float* source);

    static abstract void Store(TSelf value, float* destination);

    /// <summary>Reads a byte a word.</summary>
    static abstract TSelf LoadBytes(byte* source);

    /// <summary>Reads a byte with a sign a word.</summary>
    static abstract TSelf LoadSignedBytes(byte* source);

    /// <summary>Writes the lowest byte of every word.</summary>
    static abstract void StoreBytes(TSelf value, byte* destination);

    /// <summary>The same for two lanes, one behind the other.</summary>
    static abstract void StoreBytes(TSelf first, TSelf second, byte* destination);

    /// <summary>Reads 16 bits a word.</summary>
    static abstract TSelf LoadHalves(ushort* source);

    /// <summary>Writes the lowest 16 bits of every word.</summary>
    static abstract void StoreHalves(TSelf value, ushort* destination);

    static abstract TSelf operator &(TSelf a, TSelf b);

    static abstract TSelf operator |(TSelf a, TSelf b);

    static abstract TSelf operator ^(TSelf a, TSelf b);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator <<(TSelf a, int count);

    /// <summary>Zeros come in from the left.</summary>
    static abstract TSelf operator >>(TSelf a, int count);

    /// <summary>The highest bit comes in from the left.</summary>
    static abstract TSelf ShiftSigned(TSelf a, int count);

    /// <summary>The smaller as signed integers.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>The larger as signed integers.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>a + b as integers where a as a float is a number or infinite, a where it is NaN.</summary>
    static abstract TSelf AddToNumbers(TSelf a, TSelf b);

    /// <summary>(a &amp; mask) | set.</summary>
    static abstract TSelf AndOr(TSelf a, TSelf mask, TSelf set);

    /// <summary>The bits of a where those of the mask are set, of b elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    /// <summary>a·b + c as floats, with one rounding.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The largest as signed integers.</summary>
    static abstract int Largest(TSelf a);
}

/// <summary>A bit lane with the lane of floats that has its width: the same register, seen otherwise.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
/// <typeparam name="TFloats">The lane of floats.</typeparam>
internal interface IBitLane<TSelf, TFloats> : IBitLane<TSelf>
    where TSelf : struct, IBitLane<TSelf, TFloats>
    where TFloats : struct, IMemoryLane<TFloats, float>
{
    static abstract TSelf OfFloats(TFloats floats);

    static abstract TFloats AsFloats(TSelf bits);
}
