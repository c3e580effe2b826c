using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>Numbers in memory that a lane is made of by itself: no block, no scale.</summary>
internal unsafe interface IElementStream
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Bytes { get; }

    /// <summary>Whether storing takes 16 random bits.</summary>
    static abstract bool Rounds { get; }

    static abstract TBits Load<TBits>(byte* source) where TBits : struct, IBitLane<TBits>;

    static abstract void Store<TBits>(TBits value, TBits random, byte* destination) where TBits : struct, IBitLane<TBits>;
}

/// <summary>Floats as they are.</summary>
internal readonly unsafe struct FloatStream : IElementStream
{
    public static int Bytes => sizeof(float);

    public static bool Rounds => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Load<TBits>(byte* source) where TBits : struct, IBitLane<TBits> => TBits.Load((float*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TBits>(TBits value, TBits random, byte* destination) where TBits : struct, IBitLane<TBits> =>
        TBits.Store(value, (float*)destination);
}

/// <summary>bfloat16, the upper halves of floats.</summary>
internal readonly unsafe struct HalfStream : IElementStream
{
    public static int Bytes => sizeof(ushort);

    public static bool Rounds => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Load<TBits>(byte* source) where TBits : struct, IBitLane<TBits> => TBits.LoadHalves((ushort*)source) << 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TBits>(TBits value, TBits random, byte* destination) where TBits : struct, IBitLane<TBits> =>
        TBits.StoreHalves(TBits.AddToNumbers(value, random) >> 16, (ushort*)destination);
}
