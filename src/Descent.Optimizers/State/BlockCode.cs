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

/// <summary>
/// A code that is arithmetic on lanes, two of them a turn: a loop over turns may do other work in between. The first lanes of turns lie at multiples of
/// <see cref="Stride"/>, as elements and as bytes, and a block has <see cref="IBlockCode.Elements"/>/2 lanes' widths of them.
/// </summary>
internal unsafe interface ILaneCode : IBlockCode
{
    /// <summary>Random bits that a value needs.</summary>
    static abstract int Cut { get; }

    /// <summary>What codes stand for is shifted by this, so that code 0 is zero.</summary>
    static abstract float Offset { get; }

    /// <summary>From a turn's first lane to the next turn's.</summary>
    static abstract int Stride(int width);

    /// <summary>From a turn's first lane to its second.</summary>
    static abstract int Apart(int width);

    /// <summary>Two lanes of codes, moved to where <see cref="Decode"/> expects them in a word; other bits may be anything.</summary>
    static abstract void Load<TBits>(byte* codes, out TBits first, out TBits second) where TBits : struct, IBitLane<TBits>;

    /// <summary>Two lanes of codes as <see cref="Encode"/> gives them.</summary>
    static abstract void Store<TBits>(TBits first, TBits second, byte* codes) where TBits : struct, IBitLane<TBits>;

    static abstract TBits Decode<TBits>(TBits code, TBits scale, TBits minusZero) where TBits : struct, IBitLane<TBits>;

    /// <summary>The codes in the lowest bits; higher bits may be anything.</summary>
    static abstract TBits Encode<TBits>(TBits value, TBits unscale, TBits rounding) where TBits : struct, IBitLane<TBits>;
}

/// <summary>Whole blocks of a <see cref="ILaneCode"/>.</summary>
internal static unsafe class LaneBlock<TCode> where TCode : struct, ILaneCode
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode<TBits>(byte* codes, float scale, float* values) where TBits : struct, IBitLane<TBits>
    {
        TBits factor = TBits.Broadcast(BitConverter.SingleToUInt32Bits(scale));
        TBits zero = TBits.Broadcast(BitConverter.SingleToUInt32Bits(-TCode.Offset * scale));
        int stride = TCode.Stride(TBits.Width), apart = TCode.Apart(TBits.Width), end = TCode.Elements / (2 * TBits.Width) * stride;
        for (int i = 0; i < end; i += stride)
        {
            TCode.Load(codes + i, out TBits first, out TBits second);
            TBits.Store(TCode.Decode(first, factor, zero), values + i);
            TBits.Store(TCode.Decode(second, factor, zero), values + i + apart);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encode<TBits, TRounding>(float* values, float unscale, byte* codes, TRounding rounding, uint index)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding
    {
        TBits factor = TBits.Broadcast(BitConverter.SingleToUInt32Bits(unscale * BlockScale.Shy));
        int stride = TCode.Stride(TBits.Width), apart = TCode.Apart(TBits.Width), end = TCode.Elements / (2 * TBits.Width) * stride;
        for (int i = 0; i < end; i += stride)
        {
            TBits first = TCode.Encode(TBits.Load(values + i), factor, rounding.Next<TBits>(unchecked(index + (uint)i), TCode.Cut));
            TBits second = TCode.Encode(TBits.Load(values + i + apart), factor, rounding.Next<TBits>(unchecked(index + (uint)(i + apart)), TCode.Cut));
            TCode.Store(first, second, codes + i);
        }
    }
}

/// <summary>256 small floats, a byte each.</summary>
internal readonly unsafe struct ByteCode<TShape> : ILaneCode where TShape : struct, IMiniFloatShape
{
    public static int Elements => 256;

    public static int Bytes => 256;

    public static float Largest => MiniFloat<TShape>.Largest;

    public static byte Zero => 0;

    public static int Cut => TShape.Cut;

    public static float Offset => MiniFloat<TShape>.Zero;

    public static int Stride(int width) => 2 * width;

    public static int Apart(int width) => width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<TBits>(byte* codes, out TBits first, out TBits second) where TBits : struct, IBitLane<TBits> =>
        (first, second) = TShape.Signed
            ? (TBits.LoadSignedBytes(codes) << TShape.Cut, TBits.LoadSignedBytes(codes + TBits.Width) << TShape.Cut)
            : (TBits.LoadBytes(codes) << TShape.Cut, TBits.LoadBytes(codes + TBits.Width) << TShape.Cut);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TBits>(TBits first, TBits second, byte* codes) where TBits : struct, IBitLane<TBits> => TBits.StoreBytes(first, second, codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Decode<TBits>(TBits code, TBits scale, TBits minusZero) where TBits : struct, IBitLane<TBits> =>
        MiniFloat<TShape>.Decode(code, scale, minusZero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Encode<TBits>(TBits value, TBits unscale, TBits rounding) where TBits : struct, IBitLane<TBits> =>
        MiniFloat<TShape>.Encode(value, unscale, rounding);

    public static void Decode<TBits>(byte* codes, float scale, float* values) where TBits : struct, IBitLane<TBits> =>
        LaneBlock<ByteCode<TShape>>.Decode<TBits>(codes, scale, values);

    public static void Encode<TBits, TRounding>(float* values, float unscale, byte* codes, TRounding rounding, uint index)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding =>
        LaneBlock<ByteCode<TShape>>.Encode<TBits, TRounding>(values, unscale, codes, rounding, index);
}

/// <summary>128 small floats, two in a byte: byte j has element j in its lower half and element j + 64 in its upper, so that lanes need no shuffles.</summary>
internal readonly unsafe struct NibbleCode<TShape> : ILaneCode where TShape : struct, IMiniFloatShape
{
    public static int Elements => 128;

    public static int Bytes => 64;

    public static float Largest => MiniFloat<TShape>.Largest;

    public static byte Zero => 0;

    public static int Cut => TShape.Cut;

    public static float Offset => MiniFloat<TShape>.Zero;

    public static int Stride(int width) => width;

    public static int Apart(int width) => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<TBits>(byte* codes, out TBits first, out TBits second) where TBits : struct, IBitLane<TBits>
    {
        TBits pair = TBits.LoadBytes(codes);
        (first, second) = TShape.Signed
            ? (TBits.ShiftSigned(pair << 28, 28 - TShape.Cut), TBits.ShiftSigned(pair << 24, 28 - TShape.Cut))
            : (pair << TShape.Cut, pair << (TShape.Cut - 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TBits>(TBits first, TBits second, byte* codes) where TBits : struct, IBitLane<TBits> =>
        TBits.StoreBytes((first & TBits.Broadcast(15)) | (second << 4), codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Decode<TBits>(TBits code, TBits scale, TBits minusZero) where TBits : struct, IBitLane<TBits> =>
        MiniFloat<TShape>.Decode(code, scale, minusZero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Encode<TBits>(TBits value, TBits unscale, TBits rounding) where TBits : struct, IBitLane<TBits> =>
        MiniFloat<TShape>.Encode(value, unscale, rounding);

    public static void Decode<TBits>(byte* codes, float scale, float* values) where TBits : struct, IBitLane<TBits> =>
        LaneBlock<NibbleCode<TShape>>.Decode<TBits>(codes, scale, values);

    public static void Encode<TBits, TRounding>(float* values, float unscale, byte* codes, TRounding rounding, uint index)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding =>
        LaneBlock<NibbleCode<TShape>>.Encode<TBits, TRounding>(values, unscale, codes, rounding, index);
}
