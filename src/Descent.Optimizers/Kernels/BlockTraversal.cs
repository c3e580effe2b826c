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

    /// <summary>Elements from what is updated to what is asked of memory meanwhile: the processor fetches ahead by itself only while streams are read, and they rest during the encoding.</summary>
    private const int Ahead = 512;

    /// <summary>Blocks that are updated before they are encoded. All that is under way shall leave room in the first cache: 1,024 elements at once took 15 % longer.</summary>
    private static int Together => 256 / T0.Elements;

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
        byte* room = stackalloc byte[(2 * Together * T0.Elements * sizeof(float)) + CacheLine];
        float* v0 = (float*)(((nint)room + CacheLine - 1) & -CacheLine);
        float* v1 = v0 + (Together * T0.Elements);
        int* largest = stackalloc int[2 * Together];
        StateAddress first = tensor.Address(0), second = tensor.Address(TRule.States > 1 ? 1 : 0);
        int count;
        for (long block = offset / T0.Elements, end = block + blocks; block < end; block += count, offset += count * T0.Elements)
        {
            count = (int)Math.Min(Together, end - block);
            byte* c0 = first.Codes + (block * T0.Bytes), c1 = second.Codes + (block * T0.Bytes);
            float* scales0 = first.Scales + block, scales1 = second.Scales + block;
            byte* p = (byte*)tensor.Slot.Parameter + (offset * TParameter.Bytes);
            byte* g = (byte*)tensor.Slot.Gradient + (offset * TGradient.Bytes);
            Update<TLane, TBits>(rule, prologue, p, g, c0, c1, scales0, scales1, count, v0, v1, tensor.ParameterRounding.From(offset), largest);
            Encode<TBits>(tensor, offset, count, largest, v0, v1, c0, c1, scales0, scales1);
        }
    }

    /// <summary>Some blocks; afterwards the states lie in <paramref name="v0"/> and <paramref name="v1"/>, and the bits of each block's largest magnitudes in
    /// <paramref name="largest"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update<TLane, TBits>(
        in TRule rule, in TPrologue prologue, byte* p, byte* g, byte* c0, byte* c1, float* scales0, float* scales1, int blocks, float* v0, float* v1,
        StochasticRounding rounding, int* largest)
        where TLane : struct, IMemoryLane<TLane, float>
        where TBits : struct, IBitLane<TBits, TLane>
    {
        TRule own = rule; // locals, so that what depends on nothing but them leaves the loop
        TPrologue before = prologue;
        int stride = T0.Stride(TBits.Width), apart = T0.Apart(TBits.Width), turns = T0.Elements / (2 * TBits.Width) * stride;
        TBits magnitude = TBits.Broadcast(0x7FFF_FFFF);
        TBits key = TParameter.Rounds ? rounding.Key<TBits>() : default, ahead = StochasticRounding.Ahead<TBits>(stride);
        int block = 0;
        do // not a for, see Traversal
        {
            float scale0 = scales0[block], scale1 = scales1[block];
            TBits factor0 = Bits<TBits>(scale0), zero0 = Bits<TBits>(-T0.Offset * scale0);
            TBits factor1 = Bits<TBits>(scale1), zero1 = Bits<TBits>(-T1.Offset * scale1);
            TBits most0 = TBits.Broadcast(0), most1 = most0;
            int start = block * T0.Elements, code = block * T0.Bytes, end = code + turns;
            TBits near = TParameter.Rounds ? rounding.Counter<TBits>((uint)start) : default, far = TParameter.Rounds ? rounding.Counter<TBits>((uint)(start + apart)) : default;
            do
            {
                PrefetchLane(p, g, start);
                PrefetchLane(p, g, start + apart);
                T0.Load(c0 + code, out TBits first0, out TBits second0);
                T1.Load(c1 + code, out TBits first1, out TBits second1);
                UpdateLane(
                    ref own, ref before, p, g, start, T0.Decode(first0, factor0, zero0), T1.Decode(first1, factor1, zero1), v0, v1, near, key, magnitude, ref most0,
                    ref most1);
                UpdateLane(
                    ref own, ref before, p, g, start + apart, T0.Decode(second0, factor0, zero0), T1.Decode(second1, factor1, zero1), v0, v1, far, key, magnitude,
                    ref most0, ref most1);
                code += stride;
                start += stride;
                if (TParameter.Rounds)
                {
                    near += ahead;
                    far += ahead;
                }
            }
            while (code < end);

            largest[2 * block] = TBits.Largest(most0);
            largest[(2 * block) + 1] = TBits.Largest(most1);
            block++;
        }
        while (block < blocks);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void PrefetchLane(byte* p, byte* g, int at)
        {
            Prefetch.Line(p + ((at + Ahead) * TParameter.Bytes));
            Prefetch.Line(g + ((at + Ahead) * TGradient.Bytes));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void UpdateLane(
            ref TRule rule, ref TPrologue prologue, byte* p, byte* g, int at, TBits decoded0, TBits decoded1, float* v0, float* v1, TBits counter, TBits key,
            TBits magnitude, ref TBits most0, ref TBits most1)
        {
            TLane state0 = TBits.AsFloats(decoded0), state1 = TBits.AsFloats(decoded1), none2 = default, none3 = default;
            TLane parameter = TBits.AsFloats(TParameter.Load<TBits>(p + (at * TParameter.Bytes)));
            TLane gradient = TBits.AsFloats(TGradient.Load<TBits>(g + (at * TGradient.Bytes)));
            prologue.Apply(ref parameter, ref gradient);
            rule.Update(ref parameter, gradient, ref state0, ref state1, ref none2, ref none3);
            TBits random = TParameter.Rounds ? StochasticRounding.Upper(StochasticRounding.Draw(counter, key), 16) : default;
            TParameter.Store(TBits.OfFloats(parameter), random, p + (at * TParameter.Bytes));
            TBits kept0 = TBits.OfFloats(state0), kept1 = TBits.OfFloats(state1);
            TBits.Store(kept0, v0 + at);
            TBits.Store(kept1, v1 + at);
            most0 = TBits.Max(most0, kept0 & magnitude);
            most1 = TBits.Max(most1, kept1 & magnitude);
        }
    }

    private static void Encode<TBits>(
        in StagedTensor tensor, long offset, int blocks, int* largest, float* v0, float* v1, byte* c0, byte* c1, float* scales0, float* scales1)
        where TBits : struct, IBitLane<TBits>
    {
        float* unscales = stackalloc float[2 * Together];
        for (int block = 0; block < blocks; block++)
        {
            unscales[2 * block] = BlockScale.Of(largest[2 * block], T0.Largest, scales0 + block);
            unscales[(2 * block) + 1] = TRule.States > 1 ? BlockScale.Of(largest[(2 * block) + 1], T1.Largest, scales1 + block) : 0;
        }

        for (int block = 0; block < blocks; block++, offset += T0.Elements, v0 += T0.Elements, v1 += T0.Elements, c0 += T0.Bytes, c1 += T0.Bytes)
        {
            StochasticRounding rounding = tensor.Rounding(0).From(offset);
            float unscale0 = unscales[2 * block], unscale1 = unscales[(2 * block) + 1];
            if (TRule.States > 1 && unscale0 > 0 && unscale1 > 0)
            {
                Encode<TBits>(unscale0, unscale1, v0, v1, c0, c1, rounding);
                continue;
            }

            Encode<TBits, T0>(unscale0, v0, c0, rounding);
            if (TRule.States > 1)
            {
                Encode<TBits, T1>(unscale1, v1, c1, tensor.Rounding(1).From(offset));
            }
        }
    }

    /// <summary>Both states together, for they share their random draws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Encode<TBits>(float unscale0, float unscale1, float* v0, float* v1, byte* c0, byte* c1, StochasticRounding rounding)
        where TBits : struct, IBitLane<TBits>
    {
        int stride = T0.Stride(TBits.Width), apart = T0.Apart(TBits.Width), end = T0.Elements / (2 * TBits.Width) * stride;
        TBits factor0 = Bits<TBits>(unscale0 * BlockScale.Shy), factor1 = Bits<TBits>(unscale1 * BlockScale.Shy);
        TBits counter = rounding.Counter<TBits>(0), counterApart = rounding.Counter<TBits>((uint)apart), key = rounding.Key<TBits>(), ahead = StochasticRounding.Ahead<TBits>(stride);
        int i = 0;
        do // not a for, see Traversal
        {
            Prefetch.Line(c0 + i + (Ahead / T0.Elements * T0.Bytes));
            Prefetch.Line(c1 + i + (Ahead / T0.Elements * T0.Bytes));
            TBits first = StochasticRounding.Draw(counter, key), second = StochasticRounding.Draw(counterApart, key);
            counter += ahead;
            counterApart += ahead;
            T0.Store(
                T0.Encode(TBits.Load(v0 + i), factor0, StochasticRounding.Upper(first, T0.Cut)),
                T0.Encode(TBits.Load(v0 + i + apart), factor0, StochasticRounding.Upper(second, T0.Cut)),
                c0 + i);
            T1.Store(
                T1.Encode(TBits.Load(v1 + i), factor1, StochasticRounding.Lower(first, T1.Cut)),
                T1.Encode(TBits.Load(v1 + i + apart), factor1, StochasticRounding.Lower(second, T1.Cut)),
                c1 + i);
            i += stride;
        }
        while (i < end);
    }

    private static void Encode<TBits, TCode>(float unscale, float* values, byte* codes, StochasticRounding rounding)
        where TBits : struct, IBitLane<TBits>
        where TCode : struct, ILaneCode
    {
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
