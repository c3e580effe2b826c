using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// The loop over parameters where something is bfloat16 and nothing has blocks: widened on the way into the lane, rounded on the way out.
/// </summary>
/// <typeparam name="TRule">The rule.</typeparam>
/// <typeparam name="TPrologue">Its prologue.</typeparam>
/// <typeparam name="TParameter">How parameters are stored.</typeparam>
/// <typeparam name="TGradient">How gradients are stored.</typeparam>
/// <typeparam name="TState">How states are stored.</typeparam>
internal static unsafe class StreamTraversal<TRule, TPrologue, TParameter, TGradient, TState>
    where TRule : struct, IRule
    where TPrologue : struct, IPrologue
    where TParameter : struct, IElementStream
    where TGradient : struct, IElementStream
    where TState : struct, IElementStream
{
    /// <summary>Updates as many elements as whole lanes hold.</summary>
    /// <returns>How many that is.</returns>
    public static long Run(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count, LaneWidth width) => width switch
    {
        LaneWidth.Bits512 => Run<Lane512<float>, BitLane512>(rule, prologue, tensor, offset, count),
        LaneWidth.Bits256 => Run<Lane256<float>, BitLane256>(rule, prologue, tensor, offset, count),
        LaneWidth.Bits128 => Run<Lane128<float>, BitLane128>(rule, prologue, tensor, offset, count),
        _ => 0,
    };

    private static long Run<TLane, TBits>(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count)
        where TLane : struct, IMemoryLane<TLane, float>
        where TBits : struct, IBitLane<TBits, TLane>
    {
        long whole = count / TBits.Width * TBits.Width;
        Loop<TLane, TBits>(rule, prologue, tensor, offset, (nint)whole);
        return whole;
    }

    // The counters of the rounding are 32 bits: offsets with other upper bits have another key, so no call goes across.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TLane, TBits>(TRule rule, TPrologue prologue, in StagedTensor tensor, long offset, nint length)
        where TLane : struct, IMemoryLane<TLane, float>
        where TBits : struct, IBitLane<TBits, TLane>
    {
        byte* p = (byte*)tensor.Slot.Parameter + (offset * TParameter.Bytes);
        byte* g = (byte*)tensor.Slot.Gradient + (offset * TGradient.Bytes);
        byte* s0 = tensor.Address(0).Codes + (offset * TState.Bytes);
        byte* s1 = tensor.Address(1).Codes + (offset * TState.Bytes);
        byte* s2 = tensor.Address(2).Codes + (offset * TState.Bytes);
        byte* s3 = tensor.Address(3).Codes + (offset * TState.Bytes);
        StochasticRounding ownRounding = tensor.ParameterRounding.From(offset), rounding01 = tensor.Rounding(0).From(offset), rounding23 = tensor.Rounding(2).From(offset);
        TBits ahead = StochasticRounding.Ahead<TBits>(TBits.Width);
        TBits own = TParameter.Rounds ? ownRounding.Counter<TBits>(0) : default, ownKey = TParameter.Rounds ? ownRounding.Key<TBits>() : default;
        TBits counter01 = rounding01.Counter<TBits>(0), key01 = rounding01.Key<TBits>();
        TBits counter23 = rounding23.Counter<TBits>(0), key23 = rounding23.Key<TBits>();
        if (length == 0)
        {
            return;
        }

        nint i = 0;
        do // not a for, see Traversal
        {
            TLane parameter = TBits.AsFloats(TParameter.Load<TBits>(p + (i * TParameter.Bytes)));
            TLane gradient = TBits.AsFloats(TGradient.Load<TBits>(g + (i * TGradient.Bytes)));
            TLane state0 = TRule.States > 0 ? TBits.AsFloats(TState.Load<TBits>(s0 + (i * TState.Bytes))) : default;
            TLane state1 = TRule.States > 1 ? TBits.AsFloats(TState.Load<TBits>(s1 + (i * TState.Bytes))) : default;
            TLane state2 = TRule.States > 2 ? TBits.AsFloats(TState.Load<TBits>(s2 + (i * TState.Bytes))) : default;
            TLane state3 = TRule.States > 3 ? TBits.AsFloats(TState.Load<TBits>(s3 + (i * TState.Bytes))) : default;
            prologue.Apply(ref parameter, ref gradient);
            rule.Update(ref parameter, gradient, ref state0, ref state1, ref state2, ref state3);
            TBits random = default;
            if (TParameter.Rounds)
            {
                random = StochasticRounding.Upper(StochasticRounding.Draw(own, ownKey), 16);
                own += ahead;
            }

            TParameter.Store(TBits.OfFloats(parameter), random, p + (i * TParameter.Bytes));
            TBits draw = default;
            if (TState.Rounds && TRule.States > 0)
            {
                draw = StochasticRounding.Draw(counter01, key01);
                counter01 += ahead;
            }

            if (TRule.States > 0)
            {
                TState.Store(TBits.OfFloats(state0), StochasticRounding.Upper(draw, 16), s0 + (i * TState.Bytes));
            }

            if (TRule.States > 1)
            {
                TState.Store(TBits.OfFloats(state1), StochasticRounding.Lower(draw, 16), s1 + (i * TState.Bytes));
            }

            if (TState.Rounds && TRule.States > 2)
            {
                draw = StochasticRounding.Draw(counter23, key23);
                counter23 += ahead;
            }

            if (TRule.States > 2)
            {
                TState.Store(TBits.OfFloats(state2), StochasticRounding.Upper(draw, 16), s2 + (i * TState.Bytes));
            }

            if (TRule.States > 3)
            {
                TState.Store(TBits.OfFloats(state3), StochasticRounding.Lower(draw, 16), s3 + (i * TState.Bytes));
            }

            i += TBits.Width;
        }
        while (i < length);
    }
}
