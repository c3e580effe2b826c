using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>How the values of one block become codes; the codec around it finds the scales.</summary>
internal unsafe interface IBlockCode
{
    /// <summary>Elements of a block.</summary>
    static abstract int Elements { get; }

    /// <summary>Bytes of a block without its scale.</summary>
    static abstract int Bytes { get; }

    /// <summary>What the largest code stands for before it is scaled.</summary>
    static abstract float Largest { get; }

    /// <summary>A byte of codes that stand for zero.</summary>
    static abstract byte Zero { get; }

    static abstract void Decode<TBits>(byte* codes, float scale, float* values) where TBits : struct, IBitLane<TBits>;

    /// <param name="values">The block, all finite.</param>
    /// <param name="unscale">1/scale.</param>
    /// <param name="codes">Receives the codes.</param>
    /// <param name="rounding">The rounding.</param>
    /// <param name="index">The block's first element, for the rounding.</param>
    static abstract void Encode<TBits, TRounding>(float* values, float unscale, byte* codes, TRounding rounding, uint index)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding;
}

/// <summary>256 small floats, a byte each.</summary>
internal readonly struct ByteCode<TShape> : IBlockCode where TShape : struct, IMiniFloatShape
{
    public static int Elements => 256;

    public static int Bytes => 256;

    public static float Largest => MiniFloat<TShape>.Largest;

    public static byte Zero => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Decode<TBits>(byte* codes, float scale, float* values) where TBits : struct, IBitLane<TBits>
    {
        TBits factor = TBits.Broadcast(BitConverter.SingleToUInt32Bits(scale));
        TBits zero = TBits.Broadcast(BitConverter.SingleToUInt32Bits(-MiniFloat<TShape>.Zero * scale));
        for (int i = 0; i < 256; i += TBits.Width)
        {
            TBits.Store(MiniFloat<TShape>.Decode(TBits.LoadBytes(codes + i), factor, zero), values + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Encode<TBits, TRounding>(float* values, float unscale, byte* codes, TRounding rounding, uint index)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding
    {
        TBits factor = TBits.Broadcast(BitConverter.SingleToUInt32Bits(unscale));
        for (int i = 0; i < 256; i += TBits.Width)
        {
            TBits random = rounding.Next<TBits>(unchecked(index + (uint)i), TShape.Cut);
            TBits.StoreBytes(MiniFloat<TShape>.Encode(TBits.Load(values + i), factor, random), codes + i);
        }
    }
}

/// <summary>128 small floats, two in a byte: byte j has element j in its lower half and element j + 64 in its upper, so that lanes need no shuffles.</summary>
internal readonly struct NibbleCode<TShape> : IBlockCode where TShape : struct, IMiniFloatShape
{
    public static int Elements => 128;

    public static int Bytes => 64;

    public static float Largest => MiniFloat<TShape>.Largest;

    public static byte Zero => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Decode<TBits>(byte* codes, float scale, float* values) where TBits : struct, IBitLane<TBits>
    {
        TBits factor = TBits.Broadcast(BitConverter.SingleToUInt32Bits(scale));
        TBits zero = TBits.Broadcast(BitConverter.SingleToUInt32Bits(-MiniFloat<TShape>.Zero * scale));
        for (int j = 0; j < 64; j += TBits.Width)
        {
            TBits pair = TBits.LoadBytes(codes + j);
            TBits.Store(MiniFloat<TShape>.Decode(pair & TBits.Broadcast(15), factor, zero), values + j);
            TBits.Store(MiniFloat<TShape>.Decode(pair >> 4, factor, zero), values + 64 + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Encode<TBits, TRounding>(float* values, float unscale, byte* codes, TRounding rounding, uint index)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding
    {
        TBits factor = TBits.Broadcast(BitConverter.SingleToUInt32Bits(unscale));
        for (int j = 0; j < 64; j += TBits.Width)
        {
            TBits lower = rounding.Next<TBits>(unchecked(index + (uint)j), TShape.Cut);
            TBits upper = rounding.Next<TBits>(unchecked(index + 64 + (uint)j), TShape.Cut);
            TBits pair = MiniFloat<TShape>.Encode(TBits.Load(values + j), factor, lower)
                | (MiniFloat<TShape>.Encode(TBits.Load(values + 64 + j), factor, upper) << 4);
            TBits.StoreBytes(pair, codes + j);
        }
    }
}
