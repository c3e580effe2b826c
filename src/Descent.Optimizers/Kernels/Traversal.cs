using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>The one loop over parameters: load, update, store. The JIT compiles it once for every rule, prologue, element and width.</summary>
internal static unsafe class Traversal<TRule, TPrologue, T>
    where TRule : struct, IRule
    where TPrologue : struct, IPrologue
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Updates <paramref name="count"/> elements from <paramref name="offset"/> on: whole wide lanes first, narrower ones for the rest.</summary>
    public static void Run(in TRule rule, in TPrologue prologue, in TensorSlot slot, long offset, long count, LaneWidth width)
    {
        T* p = (T*)slot.Parameter + offset;
        T* g = (T*)slot.Gradient + offset;
        T* s0 = (T*)slot.State0 + offset;
        T* s1 = (T*)slot.State1 + offset;
        T* s2 = (T*)slot.State2 + offset;
        T* s3 = (T*)slot.State3 + offset;
        Run(rule, prologue, p, g, s0, s1, s2, s3, (nint)count, width);
    }

    /// <summary>The same over plain addresses.</summary>
    public static void Run(
        in TRule rule, in TPrologue prologue, T* p, T* g, T* s0, T* s1, T* s2, T* s3, nint length, LaneWidth width)
    {
        nint i = 0;
        if (Allows(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated))
        {
            i = Loop<Lane512<T>>(rule, prologue, p, g, s0, s1, s2, s3, i, length);
        }

        if (Allows(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated))
        {
            i = Loop<Lane256<T>>(rule, prologue, p, g, s0, s1, s2, s3, i, length);
        }

        if (Allows(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated))
        {
            i = Loop<Lane128<T>>(rule, prologue, p, g, s0, s1, s2, s3, i, length);
        }

        Loop<ScalarLane<T>>(rule, prologue, p, g, s0, s1, s2, s3, i, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Allows(LaneWidth widest, LaneWidth lane, bool accelerated) =>
        widest == LaneWidth.Widest ? accelerated : lane <= widest;

    // AggressiveOptimization: the first step already runs optimised code instead of waiting for tiering.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Loop<TLane>(
        TRule rule, TPrologue prologue, T* p, T* g, T* s0, T* s1, T* s2, T* s3, nint i, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        nint last = length - TLane.Width;
        if (i > last)
        {
            return i;
        }

        // Not a for: the compiler turns only small loops round so that the condition comes last, and takes what doesn't change out of no others.
        do
        {
            TLane parameter = TLane.Load(p + i);
            TLane gradient = TLane.Load(g + i);
            TLane state0 = TRule.States > 0 ? TLane.Load(s0 + i) : default;
            TLane state1 = TRule.States > 1 ? TLane.Load(s1 + i) : default;
            TLane state2 = TRule.States > 2 ? TLane.Load(s2 + i) : default;
            TLane state3 = TRule.States > 3 ? TLane.Load(s3 + i) : default;
            prologue.Apply(ref parameter, ref gradient);
            rule.Update(ref parameter, gradient, ref state0, ref state1, ref state2, ref state3);
            TLane.Store(parameter, p + i);
            if (TRule.States > 0)
            {
                TLane.Store(state0, s0 + i);
            }

            if (TRule.States > 1)
            {
                TLane.Store(state1, s1 + i);
            }

            if (TRule.States > 2)
            {
                TLane.Store(state2, s2 + i);
            }

            if (TRule.States > 3)
            {
                TLane.Store(state3, s3 + i);
            }

            i += TLane.Width;
        }
        while (i <= last);

        return i;
    }
}
