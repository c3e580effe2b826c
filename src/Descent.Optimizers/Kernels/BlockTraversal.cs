using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// The loop over parameters whose states lie in blocks. A block's scale is known when all of it is updated, so a turn of the loop updates two lanes of one block and
/// encodes two lanes of the block before, from a buffer that stays in the first cache: divisions and roots of the one overlap with integer work on the other,
/// and memory is asked for all the time.
/// </summary>
/// <typeparam name="TRule">The rule.</typeparam>
/// <typeparam name="TPrologue">Its prologue.</typeparam>
/// <typeparam name="TParameter">How parameters are stored.</typeparam>
/// <typeparam name="TGradient">How gradients are stored.</typeparam>
/// <typeparam name="T0">The code of the first state. Codes of one tensor have the same layout.</typeparam>
/// <typeparam name="T1">The code of the second state; any where there is none.</typeparam>
/// <typeparam name="T2">The code of the third state.</typeparam>
/// <typeparam name="T3">The code of the fourth state.</typeparam>
internal static unsafe class BlockTraversal<TRule, TPrologue, TParameter, TGradient, T0, T1, T2, T3>
    where TRule : struct, IRule
    where TPrologue : struct, IPrologue
    where TParameter : struct, IElementStream
    where TGradient : struct, IElementStream
    where T0 : struct, ILaneCode
    where T1 : struct, ILaneCode
    where T2 : struct, ILaneCode
    where T3 : struct, ILaneCode
{
    private const int CacheLine = 64;

    /// <summary>Updates as many elements as whole blocks hold.</summary>
    /// <returns>How many that is.</returns>
    public static long Run(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count, LaneWidth width)
    {
        long blocks = count / T0.Elements;
        if (blocks == 0 || width is LaneWidth.Scalar)
        {
            return 0;
        }

        switch (width)
        {
            case LaneWidth.Bits512: Loop<Lane512<float>, BitLane512>(rule, prologue, tensor, offset, blocks); break;
            case LaneWidth.Bits256: Loop<Lane256<float>, BitLane256>(rule, prologue, tensor, offset, blocks); break;
            default: Loop<Lane128<float>, BitLane128>(rule, prologue, tensor, offset, blocks); break;
        }

        return blocks * T0.Elements;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TLane, TBits>(TRule rule, TPrologue prologue, in StagedTensor tensor, long offset, long blocks)
        where TLane : struct, IMemoryLane<TLane, float>
        where TBits : struct, IBitLane<TBits, TLane>
    {
        byte* room = stackalloc byte[(TRule.States * T0.Elements * sizeof(float)) + T0.Bytes + CacheLine];
        float* v0 = (float*)(((nint)room + CacheLine - 1) & -CacheLine);
        float* v1 = v0 + T0.Elements, v2 = v1 + T0.Elements, v3 = v2 + T0.Elements;
        byte* p = (byte*)tensor.Slot.Parameter + (offset * TParameter.Bytes);
        byte* g = (byte*)tensor.Slot.Gradient + (offset * TGradient.Bytes);
        long first = offset / T0.Elements;
        byte* c0 = tensor.Address(0).Codes + (first * T0.Bytes);
        byte* c1 = tensor.Address(1).Codes + (first * T0.Bytes);
        byte* c2 = tensor.Address(2).Codes + (first * T0.Bytes);
        byte* c3 = tensor.Address(3).Codes + (first * T0.Bytes);
        float* scales0 = tensor.Address(0).Scales + first, scales1 = tensor.Address(1).Scales + first;
        float* scales2 = tensor.Address(2).Scales + first, scales3 = tensor.Address(3).Scales + first;

        // The first turn has no block before it: what lies in the buffer becomes codes that nobody reads.
        byte* o0 = (byte*)(v0 + (TRule.States * T0.Elements)), o1 = o0, o2 = o0, o3 = o0;
        float u0 = 0, u1 = 0, u2 = 0, u3 = 0;
        int stride = T0.Stride(TBits.Width), apart = T0.Apart(TBits.Width), end = T0.Elements / (2 * TBits.Width) * stride;
        TBits ahead = StochasticRounding.Ahead<TBits>(stride), aside = StochasticRounding.Ahead<TBits>(apart);
        TBits magnitude = TBits.Broadcast(0x7FFF_FFFF);
        for (long block = 0; block < blocks; block++, offset += T0.Elements)
        {
            StochasticRounding rounding01 = tensor.Rounding(0).From(offset - T0.Elements), rounding23 = tensor.Rounding(2).From(offset - T0.Elements);
            StochasticRounding ownRounding = tensor.ParameterRounding.From(offset);
            TBits counter01 = rounding01.Counter<TBits>(0), key01 = rounding01.Key<TBits>();
            TBits counter23 = rounding23.Counter<TBits>(0), key23 = rounding23.Key<TBits>();
            TBits own = TParameter.Rounds ? ownRounding.Counter<TBits>(0) : default, ownKey = TParameter.Rounds ? ownRounding.Key<TBits>() : default;
            TBits unscale0 = Float<TBits>(u0), unscale1 = Float<TBits>(u1), unscale2 = Float<TBits>(u2), unscale3 = Float<TBits>(u3);
            TBits scale0 = Float<TBits>(scales0[block]), zero0 = Float<TBits>(-T0.Offset * scales0[block]);
            TBits scale1 = TRule.States > 1 ? Float<TBits>(scales1[block]) : default, zero1 = TRule.States > 1 ? Float<TBits>(-T1.Offset * scales1[block]) : default;
            TBits scale2 = TRule.States > 2 ? Float<TBits>(scales2[block]) : default, zero2 = TRule.States > 2 ? Float<TBits>(-T2.Offset * scales2[block]) : default;
            TBits scale3 = TRule.States > 3 ? Float<TBits>(scales3[block]) : default, zero3 = TRule.States > 3 ? Float<TBits>(-T3.Offset * scales3[block]) : default;
            TBits largest0 = TBits.Broadcast(0), largest1 = largest0, largest2 = largest0, largest3 = largest0;
            for (int i = 0; i < end; i += stride)
            {
                int j = i + apart;
                TBits drawI = StochasticRounding.Draw(counter01, key01), drawJ = StochasticRounding.Draw(counter01 + aside, key01);
                counter01 += ahead;
                T0.Store(
                    T0.Encode(TBits.Load(v0 + i), unscale0, StochasticRounding.Upper(drawI, T0.Cut)),
                    T0.Encode(TBits.Load(v0 + j), unscale0, StochasticRounding.Upper(drawJ, T0.Cut)),
                    o0 + i);
                if (TRule.States > 1)
                {
                    T1.Store(
                        T1.Encode(TBits.Load(v1 + i), unscale1, StochasticRounding.Lower(drawI, T1.Cut)),
                        T1.Encode(TBits.Load(v1 + j), unscale1, StochasticRounding.Lower(drawJ, T1.Cut)),
                        o1 + i);
                }

                if (TRule.States > 2)
                {
                    (drawI, drawJ) = (StochasticRounding.Draw(counter23, key23), StochasticRounding.Draw(counter23 + aside, key23));
                    counter23 += ahead;
                    T2.Store(
                        T2.Encode(TBits.Load(v2 + i), unscale2, StochasticRounding.Upper(drawI, T2.Cut)),
                        T2.Encode(TBits.Load(v2 + j), unscale2, StochasticRounding.Upper(drawJ, T2.Cut)),
                        o2 + i);
                }

                if (TRule.States > 3)
                {
                    T3.Store(
                        T3.Encode(TBits.Load(v3 + i), unscale3, StochasticRounding.Lower(drawI, T3.Cut)),
                        T3.Encode(TBits.Load(v3 + j), unscale3, StochasticRounding.Lower(drawJ, T3.Cut)),
                        o3 + i);
                }

                TBits i0, j0, i1 = default, j1 = default, i2 = default, j2 = default, i3 = default, j3 = default;
                T0.Load(c0 + i, out i0, out j0);
                (i0, j0) = (T0.Decode(i0, scale0, zero0), T0.Decode(j0, scale0, zero0));
                if (TRule.States > 1)
                {
                    T1.Load(c1 + i, out i1, out j1);
                    (i1, j1) = (T1.Decode(i1, scale1, zero1), T1.Decode(j1, scale1, zero1));
                }

                if (TRule.States > 2)
                {
                    T2.Load(c2 + i, out i2, out j2);
                    (i2, j2) = (T2.Decode(i2, scale2, zero2), T2.Decode(j2, scale2, zero2));
                }

                if (TRule.States > 3)
                {
                    T3.Load(c3 + i, out i3, out j3);
                    (i3, j3) = (T3.Decode(i3, scale3, zero3), T3.Decode(j3, scale3, zero3));
                }

                TBits randomI = default, randomJ = default;
                if (TParameter.Rounds)
                {
                    randomI = StochasticRounding.Upper(StochasticRounding.Draw(own, ownKey), 16);
                    randomJ = StochasticRounding.Upper(StochasticRounding.Draw(own + aside, ownKey), 16);
                    own += ahead;
                }

                Update<TLane, TBits>(rule, prologue, p + (i * TParameter.Bytes), g + (i * TGradient.Bytes), randomI, ref i0, ref i1, ref i2, ref i3);
                Update<TLane, TBits>(rule, prologue, p + (j * TParameter.Bytes), g + (j * TGradient.Bytes), randomJ, ref j0, ref j1, ref j2, ref j3);
                Keep(i0, j0, v0 + i, v0 + j, magnitude, ref largest0);
                if (TRule.States > 1)
                {
                    Keep(i1, j1, v1 + i, v1 + j, magnitude, ref largest1);
                }

                if (TRule.States > 2)
                {
                    Keep(i2, j2, v2 + i, v2 + j, magnitude, ref largest2);
                }

                if (TRule.States > 3)
                {
                    Keep(i3, j3, v3 + i, v3 + j, magnitude, ref largest3);
                }
            }

            u0 = Close<T0>(TBits.Largest(largest0), scales0 + block, v0);
            u1 = TRule.States > 1 ? Close<T1>(TBits.Largest(largest1), scales1 + block, v1) : 0;
            u2 = TRule.States > 2 ? Close<T2>(TBits.Largest(largest2), scales2 + block, v2) : 0;
            u3 = TRule.States > 3 ? Close<T3>(TBits.Largest(largest3), scales3 + block, v3) : 0;
            o0 = c0;
            o1 = c1;
            o2 = c2;
            o3 = c3;
            c0 += T0.Bytes;
            c1 += T0.Bytes;
            c2 += T0.Bytes;
            c3 += T0.Bytes;
            p += T0.Elements * TParameter.Bytes;
            g += T0.Elements * TGradient.Bytes;
        }

        T0.Encode<TBits, StochasticRounding>(v0, u0, o0, tensor.Rounding(0).From(offset - T0.Elements), 0);
        if (TRule.States > 1)
        {
            T1.Encode<TBits, StochasticRounding>(v1, u1, o1, tensor.Rounding(1).From(offset - T0.Elements), 0);
        }

        if (TRule.States > 2)
        {
            T2.Encode<TBits, StochasticRounding>(v2, u2, o2, tensor.Rounding(2).From(offset - T0.Elements), 0);
        }

        if (TRule.States > 3)
        {
            T3.Encode<TBits, StochasticRounding>(v3, u3, o3, tensor.Rounding(3).From(offset - T0.Elements), 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBits Float<TBits>(float value) where TBits : struct, IBitLane<TBits> => TBits.Broadcast(BitConverter.SingleToUInt32Bits(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update<TLane, TBits>(
        in TRule rule, in TPrologue prologue, byte* p, byte* g, TBits random, ref TBits s0, ref TBits s1, ref TBits s2, ref TBits s3)
        where TLane : struct, IMemoryLane<TLane, float>
        where TBits : struct, IBitLane<TBits, TLane>
    {
        TLane parameter = TBits.AsFloats(TParameter.Load<TBits>(p)), gradient = TBits.AsFloats(TGradient.Load<TBits>(g));
        TLane state0 = TBits.AsFloats(s0), state1 = TBits.AsFloats(s1), state2 = TBits.AsFloats(s2), state3 = TBits.AsFloats(s3);
        prologue.Apply(ref parameter, ref gradient);
        rule.Update(ref parameter, gradient, ref state0, ref state1, ref state2, ref state3);
        TParameter.Store(TBits.OfFloats(parameter), random, p);
        (s0, s1, s2, s3) = (TBits.OfFloats(state0), TBits.OfFloats(state1), TBits.OfFloats(state2), TBits.OfFloats(state3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TBits>(TBits first, TBits second, float* firstTo, float* secondTo, TBits magnitude, ref TBits largest)
        where TBits : struct, IBitLane<TBits>
    {
        TBits.Store(first, firstTo);
        TBits.Store(second, secondTo);
        largest = TBits.Max(largest, TBits.Max(first & magnitude, second & magnitude));
    }

    /// <summary>The scale of a block, and 1/scale for its encoding. Where that is 0 the buffer is cleared, so that the codes are those of zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Close<TCode>(int largest, float* scale, float* values) where TCode : struct, ILaneCode
    {
        float unscale = BlockScale.Of(largest, TCode.Largest, scale);
        if (unscale == 0)
        {
            new Span<float>(values, TCode.Elements).Clear();
        }

        return unscale;
    }
}
