using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>
/// The two loops of a rule with sums. Terms are summed on the way, in double and in a fixed order (<see cref="ISums{TSelf, TLane}"/>), so that lanes of any width give the
/// same bits.
/// </summary>
internal static unsafe class ReductionTraversal<TRule, TPrologue, T>
    where TRule : struct, IReductionRule
    where TPrologue : struct, IPrologue
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>First pass over <paramref name="count"/> elements from <paramref name="offset"/> on.</summary>
    [SkipLocalsInit]
    public static (double A, double B) Gather(in TRule rule, in TPrologue prologue, in TensorSlot slot, long offset, long count, LaneWidth width)
    {
        double* a = stackalloc double[2 * SixteenSums.Count];
        double* b = a + SixteenSums.Count;
        SixteenSums.Clear(a);
        SixteenSums.Clear(b);
        var at = new Pointers(slot, offset);
        nint length = (nint)count;
        nint i = 0;
        if (Lanes.Allow(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated))
        {
            i = GatherLoop<Lane512<T>, Sums512<T>>(rule, prologue, at, a, b, length);
        }
        else if (Lanes.Allow(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated))
        {
            i = GatherLoop<Lane256<T>, Sums256<T>>(rule, prologue, at, a, b, length);
        }
        else if (Lanes.Allow(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated))
        {
            i = GatherLoop<Lane128<T>, Sums128<T>>(rule, prologue, at, a, b, length);
        }

        if (i < length)
        {
            GatherRest(rule, prologue, at, a, b, i, length);
        }

        return (SixteenSums.Total(a), TRule.TwoSums ? SixteenSums.Total(b) : 0);
    }

    /// <summary>Second pass over the same elements.</summary>
    public static void Update(
        in TRule rule, in TPrologue prologue, TensorFactors factors, in TensorSlot slot, long offset, long count, LaneWidth width)
    {
        var at = new Pointers(slot, offset);
        nint length = (nint)count;
        nint i = 0;
        if (Lanes.Allow(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated))
        {
            i = UpdateLoop<Lane512<T>>(rule, prologue, factors, at, i, length);
        }

        if (i < length && Lanes.Allow(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated))
        {
            i = UpdateLoop<Lane256<T>>(rule, prologue, factors, at, i, length);
        }

        if (i < length && Lanes.Allow(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated))
        {
            i = UpdateLoop<Lane128<T>>(rule, prologue, factors, at, i, length);
        }

        if (i < length)
        {
            UpdateLoop<ScalarLane<T>>(rule, prologue, factors, at, i, length);
        }
    }

    // Whole sixteens. Nothing in here may be a call: the sums would go through memory in every turn.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint GatherLoop<TLane, TSums>(TRule rule, TPrologue prologue, Pointers at, double* a, double* b, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
        where TSums : struct, ISums<TSums, TLane>
    {
        nint i = 0, last = length - SixteenSums.Count;
        if (i > last)
        {
            return i;
        }

        TSums first = default, second = default;
        do // not a for, see Traversal
        {
            GatherLane(ref rule, ref prologue, at, i, 0, ref first, ref second);
            if (typeof(TSums) != typeof(Sums512<float>))
            {
                GatherLane(ref rule, ref prologue, at, i, 1, ref first, ref second);
            }

            if (typeof(TSums) != typeof(Sums512<float>) && typeof(TSums) != typeof(Sums512<double>) && typeof(TSums) != typeof(Sums256<float>))
            {
                GatherLane(ref rule, ref prologue, at, i, 2, ref first, ref second);
                GatherLane(ref rule, ref prologue, at, i, 3, ref first, ref second);
            }

            if (typeof(TSums) == typeof(Sums128<double>))
            {
                GatherLane(ref rule, ref prologue, at, i, 4, ref first, ref second);
                GatherLane(ref rule, ref prologue, at, i, 5, ref first, ref second);
                GatherLane(ref rule, ref prologue, at, i, 6, ref first, ref second);
                GatherLane(ref rule, ref prologue, at, i, 7, ref first, ref second);
            }

            i += SixteenSums.Count;
        }
        while (i <= last);

        first.AddTo(a);
        if (TRule.TwoSums)
        {
            second.AddTo(b);
        }

        return i;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void GatherLane(ref TRule rule, ref TPrologue prologue, in Pointers at, nint i, int part, ref TSums first, ref TSums second)
        {
            Gather(ref rule, ref prologue, at, i + (part * TLane.Width), out TLane one, out TLane other);
            first.Add(one, part, TRule.Squares);
            if (TRule.TwoSums)
            {
                second.Add(other, part, TRule.Squares);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherRest(TRule rule, TPrologue prologue, Pointers at, double* a, double* b, nint i, nint length)
    {
        for (; i < length; i++)
        {
            Gather(ref rule, ref prologue, at, i, out ScalarLane<T> one, out ScalarLane<T> other);
            SixteenSums.Add(a, i, one, TRule.Squares);
            if (TRule.TwoSums)
            {
                SixteenSums.Add(b, i, other, TRule.Squares);
            }
        }
    }

    /// <summary>Brings the states of one lane forward; gives its terms. Rule and prologue by reference: copies in a loop would keep their numbers out of registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather<TLane>(ref TRule rule, ref TPrologue prologue, in Pointers at, nint i, out TLane first, out TLane second)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        TLane parameter = (TRule.GatherReads & Streams.Parameter) != 0 ? TLane.Load(at.P + i) : default;
        TLane gradient = (TRule.GatherReads & Streams.Gradient) != 0 ? TLane.Load(at.G + i) : default;
        TLane state0 = (TRule.GatherReads & Streams.State0) != 0 ? TLane.Load(at.S0 + i) : default;
        TLane state1 = (TRule.GatherReads & Streams.State1) != 0 ? TLane.Load(at.S1 + i) : default;
        TLane state2 = (TRule.GatherReads & Streams.State2) != 0 ? TLane.Load(at.S2 + i) : default;
        TLane state3 = (TRule.GatherReads & Streams.State3) != 0 ? TLane.Load(at.S3 + i) : default;
        prologue.Apply(ref parameter, ref gradient);
        rule.Gather(parameter, gradient, ref state0, ref state1, ref state2, ref state3, out first, out second);
        Store(TRule.GatherWrites, i, at.S0, state0, at.S1, state1, at.S2, state2, at.S3, state3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint UpdateLoop<TLane>(TRule rule, TPrologue prologue, TensorFactors factors, Pointers at, nint i, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        T* p = at.P;
        T* g = at.G;
        T* s0 = at.S0;
        T* s1 = at.S1;
        T* s2 = at.S2;
        T* s3 = at.S3;
        nint last = length - TLane.Width;
        if (i > last)
        {
            return i;
        }

        TLane step = TLane.Broadcast(factors.Step);
        TLane keep = TLane.Broadcast(factors.Keep);
        do // not a for, see Traversal
        {
            TLane parameter = TLane.Load(p + i);
            TLane gradient = (TRule.UpdateReads & Streams.Gradient) != 0 ? TLane.Load(g + i) : default;
            TLane state0 = (TRule.UpdateReads & Streams.State0) != 0 ? TLane.Load(s0 + i) : default;
            TLane state1 = (TRule.UpdateReads & Streams.State1) != 0 ? TLane.Load(s1 + i) : default;
            TLane state2 = (TRule.UpdateReads & Streams.State2) != 0 ? TLane.Load(s2 + i) : default;
            TLane state3 = (TRule.UpdateReads & Streams.State3) != 0 ? TLane.Load(s3 + i) : default;
            if ((TRule.UpdateReads & Streams.Gradient) != 0)
            {
                prologue.Apply(ref parameter, ref gradient);
            }

            rule.Update(ref parameter, gradient, ref state0, ref state1, ref state2, ref state3, step, keep);
            TLane.Store(parameter, p + i);
            Store(TRule.UpdateWrites, i, s0, state0, s1, state1, s2, state2, s3, state3);
            i += TLane.Width;
        }
        while (i <= last);

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLane>(
        Streams which, nint i, T* s0, TLane state0, T* s1, TLane state1, T* s2, TLane state2, T* s3, TLane state3)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        if ((which & Streams.State0) != 0)
        {
            TLane.Store(state0, s0 + i);
        }

        if ((which & Streams.State1) != 0)
        {
            TLane.Store(state1, s1 + i);
        }

        if ((which & Streams.State2) != 0)
        {
            TLane.Store(state2, s2 + i);
        }

        if ((which & Streams.State3) != 0)
        {
            TLane.Store(state3, s3 + i);
        }
    }

    /// <summary>Where the streams of a tensor are at an element.</summary>
    private readonly struct Pointers(in TensorSlot slot, long offset)
    {
        public readonly T* P = (T*)slot.Parameter + offset;
        public readonly T* G = (T*)slot.Gradient + offset;
        public readonly T* S0 = (T*)slot.State0 + offset;
        public readonly T* S1 = (T*)slot.State1 + offset;
        public readonly T* S2 = (T*)slot.State2 + offset;
        public readonly T* S3 = (T*)slot.State3 + offset;
    }
}
