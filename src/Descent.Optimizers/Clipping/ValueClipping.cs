using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>
/// Tells in one read pass what bounding every element to ±c does to the gradients: their norms before and after, and how many elements are clipped.
/// The bound itself is folded into the step (<see cref="StepScalars.ClipValue"/>).
/// </summary>
/// <remarks>
/// Sums are kept in double and added in an order that depends on the lengths alone: the same bits on any number of threads and any processor. One instance
/// serves one list of parameters and allocates nothing once it has seen the same lengths before. Not for use by several threads at once.
/// </remarks>
public sealed unsafe class ValueClipping : IParallelBody
{
    private const int Block = 8;

    private readonly WorkPlan _plan = new();
    private Tally[] _tallies = [];

    // Of the pass in progress.
    private TensorSlot* _slots;
    private ElementType _type;
    private double _limit;

    /// <summary>Reads every gradient once.</summary>
    /// <param name="slots">The tensors; only gradients and lengths are used.</param>
    /// <param name="type">The element type of all of them.</param>
    /// <param name="limit">c, above 0, in the unit of the gradients as they lie in memory.</param>
    /// <param name="runner">The threads to use; the result doesn't depend on them.</param>
    /// <exception cref="ArgumentException">A tensor with elements has no gradient, or a length is negative.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is not above 0.</exception>
    public ValueClipResult Measure(ReadOnlySpan<TensorSlot> slots, ElementType type, double limit, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        long elements = 0;
        for (int index = 0; index < slots.Length; index++)
        {
            if (slots[index].Length < 0 || (slots[index].Length > 0 && slots[index].Gradient == null))
            {
                throw new ArgumentException($"Tensor {index} of {slots.Length} (length {slots[index].Length}) has no gradient or a negative length.", nameof(slots));
            }

            elements += slots[index].Length;
        }

        _plan.Prepare(slots);
        if (_tallies.Length < _plan.Pieces)
        {
            _tallies = new Tally[_plan.Pieces];
        }

        (_type, _limit) = (type, limit);
        fixed (TensorSlot* pinned = slots)
        {
            _slots = pinned;
            runner.Run(_plan.Pieces, this);
            _slots = null;
        }

        Tally all = new() { NonFinite = -1 };
        foreach (ref readonly Tally part in _tallies.AsSpan(0, _plan.Pieces))
        {
            all.Before += part.Before;
            all.After += part.After;
            all.Clipped += part.Clipped;
            all.NonFinite = all.NonFinite < 0 ? part.NonFinite : all.NonFinite;
        }

        return new ValueClipResult(new GradientNorm(all.Before, all.NonFinite), all.After, elements, all.Clipped);
    }

    void IParallelBody.Execute(int item)
    {
        Tally tally = new() { NonFinite = -1 };
        foreach (WorkPlan.Segment segment in _plan.Piece(item))
        {
            void* gradient = _slots[segment.Tensor].Gradient;
            double before = tally.Before;
            if (_type == ElementType.Float32)
            {
                Add((float*)gradient + segment.Offset, segment.Count, ref tally);
            }
            else
            {
                Add((double*)gradient + segment.Offset, segment.Count, ref tally);
            }

            if (!double.IsFinite(tally.Before) && double.IsFinite(before) && !AllFinite(gradient, segment))
            {
                tally.NonFinite = segment.Tensor;
            }
        }

        _tallies[item] = tally;
    }

    private bool AllFinite(void* gradient, WorkPlan.Segment segment) => _type == ElementType.Float32
        ? SquareSum.AllFinite((float*)gradient + segment.Offset, segment.Count)
        : SquareSum.AllFinite((double*)gradient + segment.Offset, segment.Count);

    // Element i goes to running sum i mod 8, and the eight are added pairwise at the end, whatever registers the processor has.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add<T>(T* x, long count, ref Tally tally) where T : unmanaged
    {
        Vector256<double> limit = Vector256.Create(_limit);
        Vector256<double> before0 = default, before1 = default, after0 = default, after1 = default, clipped = default;
        T* rest = stackalloc T[Block];
        for (long i = 0; i < count; i += Block)
        {
            T* source = x + i;
            if (count - i < Block)
            {
                // The last part, followed by zeros, which add nothing.
                new Span<T>(rest, Block).Clear();
                new Span<T>(source, (int)(count - i)).CopyTo(new Span<T>(rest, Block));
                source = rest;
            }

            (Vector256<double> low, Vector256<double> high) = typeof(T) == typeof(float)
                ? Vector256.Widen(Vector256.Load((float*)source))
                : (Vector256.Load((double*)source), Vector256.Load((double*)source + 4));
            (low, high) = (Vector256.Abs(low), Vector256.Abs(high));
            before0 = Vector256.FusedMultiplyAdd(low, low, before0);
            before1 = Vector256.FusedMultiplyAdd(high, high, before1);
            Vector256<double> over = Vector256.GreaterThan(low, limit), above = Vector256.GreaterThan(high, limit);
            (low, high) = (Vector256.ConditionalSelect(over, limit, low), Vector256.ConditionalSelect(above, limit, high));
            after0 = Vector256.FusedMultiplyAdd(low, low, after0);
            after1 = Vector256.FusedMultiplyAdd(high, high, after1);
            clipped += (over & Vector256<double>.One) + (above & Vector256<double>.One);
        }

        tally.Before += Sum(before0 + before1);
        tally.After += Sum(after0 + after1);
        tally.Clipped += (long)Sum(clipped);
    }

    private static double Sum(Vector256<double> four) => four[0] + four[1] + (four[2] + four[3]);

    private struct Tally
    {
        public double Before;
        public double After;
        public long Clipped;
        public int NonFinite;
    }
}
