using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// The loop over parameters whose one or two states lie in blocks: decoded into the rule's registers, updated there, and kept in a buffer in the first cache until all of
/// the block is updated, for its scale is known only then.
/// </summary>
/// <remarks>
/// One loop that encodes a block while it updates the next would overlap their arithmetic, but is more than the runtime's compiler inlines into one method:
/// it ran at a third of this one's speed.
/// </remarks>
/// <typeparam name="TRule">The rule.</typeparam>
/// <typeparam name="TPrologue">Its prologue.</typeparam>
/// <typeparam name="TParameter">How parameters are stored.</typeparam>
/// <typeparam name="TGradient">How gradients are stored.</typeparam>
/// <typeparam name="T0">The code of the first state. Codes of one tensor have the same layout.</typeparam>
/// <typeparam name="T1">The code of the second state; any where there is none.</typeparam>
internal static unsafe class BlockTraversal<TRule, TPrologue, TParameter, TGradient, T0, T1>
    where TRule : struct, IRule
    where TPrologue : struct, IPrologue
    where TParameter : struct, IElementStream
    where TGradient : struct, IElementStream
    where T0 : struct, ILaneCode
    where T1 : struct, ILaneCode
{
    private const int CacheLine = 64;

    /// <summary>Updates as many elements as whole blocks hold.</summary>
    /// <returns>How many that is.</returns>
    public static long Run(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count, LaneWidth width)
    {
        long blocks = count / T0.Elements;
        switch (width)
        {
            case LaneWidth.Bits512: Run<Lane512<float>, BitLane512>(rule, prologue, tensor, offset, blocks); break;
            case LaneWidth.Bits256: Run<Lane256<float>, BitLane256>(rule, prologue, tensor, offset, blocks); break;
            case LaneWidth.Bits128: Run<Lane128<float>, BitLane128>(rule, prologue, tensor, offset, blocks); break;
            default: return 0;
        }

        return blocks * T0.Elements;
    }

    [SkipLocalsInit]
    private static void Run<TLane, TBits>(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long blocks)
        where TLane : struct, IMemoryLane<TLane, float>
        where TBits : struct, IBitLane<TBits, TLane>
    {
        byte* room = stackalloc byte[(2 * T0.Elements * sizeof(float)) + CacheLine];
        float* v0 = (float*)(((nint)room + CacheLine - 1) & -CacheLine);
        float* v1 = v0 + T0.Elements;
        StateAddress first = tensor.Address(0), second = tensor.Address(TRule.States > 1 ? 1 : 0);
        for (long block = offset / T0.Elements, end = block + blocks; block < end; block++, offset += T0.Elements)
        {
            byte* c0 = first.Codes + (block * T0.Bytes), c1 = second.Codes + (block * T0.Bytes);
            float* scale0 = first.Scales + block, scale1 = second.Scales + block;
            byte* p = (byte*)tensor.Slot.Parameter + (offset * TParameter.Bytes);
            byte* g = (byte*)tensor.Slot.Gradient + (offset * TGradient.Bytes);
            Update<TLane, TBits>(
                rule, prologue, p, g, c0, c1, *scale0, *scale1, v0, v1, tensor.ParameterRounding.From(offset), out int largest0, out int largest1);
            Encode<TBits, T0>(largest0, scale0, v0, c0, tensor.Rounding(0).From(offset));
            if (TRule.States > 1)
            {
                Encode<TBits, T1>(largest1, scale1, v1, c1, tensor.Rounding(1).From(offset));
            }
        }
    }

    /// <summary>One block; afterwards the states lie in <paramref name="v0"/> and <paramref name="v1"/>, with the bits of their largest magnitudes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update<TLane, TBits>(
        in TRule rule, in TPrologue prologue, byte* p, byte* g, byte* c0, byte* c1, float scale0, float scale1, float* v0, float* v1,
        StochasticRounding rounding, out int largest0, out int largest1)
        where TLane : struct, IMemoryLane<TLane, float>
        where TBits : struct, IBitLane<TBits, TLane>
    {
        TRule own = rule; // locals, so that what depends on nothing but them leaves the loop
        TPrologue before = prologue;
        int stride = T0.Stride(TBits.Width), apart = T0.Apart(TBits.Width), end = T0.Elements / (2 * TBits.Width) * stride;
        TBits factor0 = Bits<TBits>(scale0), zero0 = Bits<TBits>(-T0.Offset * scale0);
        TBits factor1 = Bits<TBits>(scale1), zero1 = Bits<TBits>(-T1.Offset * scale1);
        TBits magnitude = TBits.Broadcast(0x7FFF_FFFF), most0 = TBits.Broadcast(0), most1 = most0;
        for (int i = 0; i < end; i += stride)
        {
            T0.Load(c0 + i, out TBits i0, out TBits j0);
            T1.Load(c1 + i, out TBits i1, out TBits j1);
            for (int half = 0; half < 2; half++)
            {
                int at = half == 0 ? i : i + apart;
                TLane state0 = TBits.AsFloats(T0.Decode(half == 0 ? i0 : j0, factor0, zero0)), state1 = TBits.AsFloats(T1.Decode(half == 0 ? i1 : j1, factor1, zero1));
                TLane none2 = default, none3 = default;
                TLane parameter = TBits.AsFloats(TParameter.Load<TBits>(p + (at * TParameter.Bytes)));
                TLane gradient = TBits.AsFloats(TGradient.Load<TBits>(g + (at * TGradient.Bytes)));
                before.Apply(ref parameter, ref gradient);
                own.Update(ref parameter, gradient, ref state0, ref state1, ref none2, ref none3);
                TBits random = TParameter.Rounds ? rounding.Next<TBits>((uint)at, 16) : default;
                TParameter.Store(TBits.OfFloats(parameter), random, p + (at * TParameter.Bytes));
                TBits kept0 = TBits.OfFloats(state0), kept1 = TBits.OfFloats(state1);
                TBits.Store(kept0, v0 + at);
                TBits.Store(kept1, v1 + at);
                most0 = TBits.Max(most0, kept0 & magnitude);
                most1 = TBits.Max(most1, kept1 & magnitude);
            }
        }

        (largest0, largest1) = (TBits.Largest(most0), TBits.Largest(most1));
    }

    private static void Encode<TBits, TCode>(int largest, float* scale, float* values, byte* codes, StochasticRounding rounding)
        where TBits : struct, IBitLane<TBits>
        where TCode : struct, ILaneCode
    {
        float unscale = BlockScale.Of(largest, TCode.Largest, scale);
        if (unscale == 0)
        {
            new Span<byte>(codes, TCode.Bytes).Fill(TCode.Zero);
            return;
        }

        TCode.Encode<TBits, StochasticRounding>(values, unscale, codes, rounding, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBits Bits<TBits>(float value) where TBits : struct, IBitLane<TBits> => TBits.Broadcast(BitConverter.SingleToUInt32Bits(value));
}
