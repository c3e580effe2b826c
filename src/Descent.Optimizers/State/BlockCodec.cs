using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>Blocks of codes with a scale each; one code with a sign, one without.</summary>
internal sealed class BlockCodec<TSigned, TUnsigned>(StateFormat format)
    : StateCodec(format, TSigned.Elements, TSigned.Bytes, scaled: true)
    where TSigned : struct, IBlockCode
    where TUnsigned : struct, IBlockCode
{
    internal override unsafe void Read(in StateAddress state, long offset, int count, float* values, LaneWidth width)
    {
        long block = offset / TSigned.Elements;
        if (state.NonNegative)
        {
            Blocks<TUnsigned>.Read(state.Codes + (block * TSigned.Bytes), state.Scales + block, Blocks(count), values, width);
        }
        else
        {
            Blocks<TSigned>.Read(state.Codes + (block * TSigned.Bytes), state.Scales + block, Blocks(count), values, width);
        }
    }

    internal override unsafe void Write(float* values, in StateAddress state, long offset, int count, StochasticRounding rounding, LaneWidth width) =>
        WriteBlocks(values, state, offset, count, rounding, width);

    internal override unsafe void Write(float* values, in StateAddress state, long offset, int count) =>
        WriteBlocks(values, state, offset, count, default(NearestRounding), LaneWidth.Widest);

    private unsafe void WriteBlocks<TRounding>(float* values, in StateAddress state, long offset, int count, TRounding rounding, LaneWidth width)
        where TRounding : struct, IRounding
    {
        long block = offset / TSigned.Elements;
        if (state.NonNegative)
        {
            Blocks<TUnsigned>.Write(values, state.Codes + (block * TSigned.Bytes), state.Scales + block, Blocks(count), rounding, width);
        }
        else
        {
            Blocks<TSigned>.Write(values, state.Codes + (block * TSigned.Bytes), state.Scales + block, Blocks(count), rounding, width);
        }
    }
}

/// <summary>A run of blocks of one code: their scales, and the choice of a width.</summary>
internal static unsafe class Blocks<TCode> where TCode : struct, IBlockCode
{
    public static void Read(byte* codes, float* scales, long blocks, float* values, LaneWidth width)
    {
        switch (BitLanes.Choose(width))
        {
            case LaneWidth.Bits512: Read<BitLane512>(codes, scales, blocks, values); break;
            case LaneWidth.Bits256: Read<BitLane256>(codes, scales, blocks, values); break;
            case LaneWidth.Bits128: Read<BitLane128>(codes, scales, blocks, values); break;
            default: Read<ScalarBitLane>(codes, scales, blocks, values); break;
        }
    }

    private static void Read<TBits>(byte* codes, float* scales, long blocks, float* values) where TBits : struct, IBitLane<TBits>
    {
        for (long block = 0; block < blocks; block++, codes += TCode.Bytes, values += TCode.Elements)
        {
            TCode.Decode<TBits>(codes, scales[block], values);
        }
    }

    public static void Write<TRounding>(float* values, byte* codes, float* scales, long blocks, TRounding rounding, LaneWidth width)
        where TRounding : struct, IRounding
    {
        switch (BitLanes.Choose(width))
        {
            case LaneWidth.Bits512: Write<BitLane512, TRounding>(values, codes, scales, blocks, rounding); break;
            case LaneWidth.Bits256: Write<BitLane256, TRounding>(values, codes, scales, blocks, rounding); break;
            case LaneWidth.Bits128: Write<BitLane128, TRounding>(values, codes, scales, blocks, rounding); break;
            default: Write<ScalarBitLane, TRounding>(values, codes, scales, blocks, rounding); break;
        }
    }

    // The scales of all blocks first: a block's division is done while the next one is looked at.
    private static void Write<TBits, TRounding>(float* values, byte* codes, float* scales, long blocks, TRounding rounding)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding
    {
        float* unscales = stackalloc float[StagedBlock.Elements / TCode.Elements];
        for (long block = 0; block < blocks; block++)
        {
            unscales[block] = BlockScale.Of(LargestMagnitude<TBits>(values + (block * TCode.Elements)), TCode.Largest, scales + block);
        }

        for (long block = 0; block < blocks; block++, codes += TCode.Bytes, values += TCode.Elements)
        {
            if (unscales[block] > 0)
            {
                TCode.Encode<TBits, TRounding>(values, unscales[block], codes, rounding, (uint)(block * TCode.Elements));
            }
            else
            {
                // Times a scale of NaN they are NaN.
                new Span<byte>(codes, TCode.Bytes).Fill(TCode.Zero);
            }
        }
    }

    /// <summary>The bits of the largest magnitude, not finite where a value isn't: without their sign, the bits of floats are in order, infinity and NaN last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int LargestMagnitude<TBits>(float* values) where TBits : struct, IBitLane<TBits>
    {
        TBits magnitude = TBits.Broadcast(0x7FFF_FFFF);
        TBits first = TBits.Broadcast(0);
        TBits second = TBits.Broadcast(0);
        for (int i = 0; i < TCode.Elements; i += 2 * TBits.Width)
        {
            first = TBits.Max(first, TBits.Load(values + i) & magnitude);
            second = TBits.Max(second, TBits.Load(values + i + TBits.Width) & magnitude);
        }

        return TBits.Largest(TBits.Max(first, second));
    }
}

/// <summary>The scale of a block.</summary>
internal static unsafe class BlockScale
{
    /// <summary>Smaller blocks are zero: 1/scale would overflow. Far below what the ε of any rule lets through.</summary>
    private const float Negligible = 7.5231638e-37f; // 2⁻¹²⁰

    /// <summary>Less than 1 by more than what 1/scale and a product with it are off: codes need no bound then.</summary>
    public const float Shy = 1 - (1f / (1 << 22));

    /// <summary>Writes the scale, and returns 1/scale; 0 for a block whose codes are to stand for zero: one of zeros, or one with a scale of NaN.</summary>
    /// <param name="magnitude">The bits of the block's largest magnitude.</param>
    /// <param name="largest">What the largest code stands for before it is scaled.</param>
    /// <param name="scale">Receives the scale.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(int magnitude, float largest, float* scale)
    {
        float value = BitConverter.Int32BitsToSingle(magnitude);
        bool sound = value >= Negligible && value <= float.MaxValue;
        *scale = sound ? value * (1 / largest) : value < Negligible ? 0 : float.NaN;
        return sound ? largest / value : 0;
    }
}

/// <summary>Which bit lane serves a width.</summary>
internal static class BitLanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LaneWidth Choose(LaneWidth widest) =>
        widest != LaneWidth.Widest ? widest
        : Vector512.IsHardwareAccelerated ? LaneWidth.Bits512
        : Vector256.IsHardwareAccelerated ? LaneWidth.Bits256
        : Vector128.IsHardwareAccelerated ? LaneWidth.Bits128
        : LaneWidth.Scalar;
}
