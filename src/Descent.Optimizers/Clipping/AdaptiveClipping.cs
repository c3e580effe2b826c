using System.Numerics;

namespace Descent.Optimizers;

/// <summary>
/// Adaptive gradient clipping: where ‖gᵢ‖ &gt; λ·max(‖pᵢ‖, ε), gᵢ ← λ·max(‖pᵢ‖, ε)/‖gᵢ‖ · gᵢ, for every unit i: a row of a matrix, a filter of a
/// convolution, a vector as a whole. Brock, De, Smith and Simonyan, "High-Performance Large-Scale Image Recognition Without Normalization", 2021, equation 3.
/// </summary>
/// <remarks>
/// <para>One pass reads parameters and gradients and writes those units alone that are clipped, while they lie in the cache. A unit is summed by one
/// thread in a fixed order, so the result has the same bits on any number of threads and any processor. The paper leaves the last linear layer
/// out: don't pass it.</para>
/// <para>One instance serves one list of parameters and allocates nothing once it has seen the same lengths before. Not for use by several threads at
/// once.</para>
/// </remarks>
public sealed unsafe class AdaptiveClipping : IParallelBody
{
    private readonly WorkPlan _plan = new(wholeUnits: true);
    private Tally[] _tallies = [];

    // Of the pass in progress.
    private TensorSlot* _slots;
    private ElementType _type;
    private double _scale;

    /// <summary>λ, above 0: the largest ratio of the norms of a unit's gradient and of the unit. Default 0.01 (the paper's for large batches).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Ratio { get; set => field = Require.Positive(value); } = 0.01;

    /// <summary>ε, above 0: a smaller norm of a unit counts as this, so that one that starts at 0 can move. Default 1e-3 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Epsilon { get; set => field = Require.Positive(value); } = 1e-3;

    /// <summary>Clips in place.</summary>
    /// <param name="slots">The tensors; parameters are read, gradients read and written, by <see cref="TensorSlot.Units"/>.</param>
    /// <param name="type">The element type of all of them.</param>
    /// <param name="scale">What the gradients will be multiplied by in the step: the rule is about the product.</param>
    /// <param name="runner">The threads to use; the result doesn't depend on them.</param>
    /// <returns>Norms before and after, of the gradients as they lie in memory, and how much was clipped. A unit with a non-finite norm is left alone.</returns>
    /// <exception cref="ArgumentException">A tensor lacks a pointer, or its units don't divide its length.</exception>
    public AdaptiveClipResult Clip(ReadOnlySpan<TensorSlot> slots, ElementType type, double scale, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        Check(slots);
        _plan.Prepare(slots);
        if (_tallies.Length < _plan.Pieces)
        {
            _tallies = new Tally[_plan.Pieces];
        }

        (_type, _scale) = (type, Math.Abs(scale));
        fixed (TensorSlot* pinned = slots)
        {
            _slots = pinned;
            runner.Run(_plan.Pieces, this);
            _slots = null;
        }

        return Combine();
    }

    void IParallelBody.Execute(int item)
    {
        Tally tally = new() { NonFinite = -1 };
        foreach (WorkPlan.Segment segment in _plan.Piece(item))
        {
            if (segment.Count == 0)
            {
                continue;
            }

            if (_type == ElementType.Float32)
            {
                Clip<float>(segment, ref tally);
            }
            else
            {
                Clip<double>(segment, ref tally);
            }
        }

        _tallies[item] = tally;
    }

    private void Clip<T>(WorkPlan.Segment segment, ref Tally tally) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref readonly TensorSlot slot = ref _slots[segment.Tensor];
        long unit = slot.Length / slot.Units;
        T* p = (T*)slot.Parameter + segment.Offset;
        T* g = (T*)slot.Gradient + segment.Offset;
        for (long start = 0; start < segment.Count; start += unit)
        {
            double squares = SquareSum.Of(g + start, unit);
            tally.Units++;
            tally.Before += squares;
            double norm = Math.Sqrt(squares) * _scale;
            double limit = Ratio * Math.Max(Math.Sqrt(SquareSum.Of(p + start, unit)), Epsilon);
            if (norm > limit && double.IsFinite(norm))
            {
                double factor = limit / norm;
                Scaling.InPlace(g + start, unit, factor);
                squares *= factor * factor;
                tally.Clipped++;
            }
            else if (!double.IsFinite(squares) && tally.NonFinite < 0 && !SquareSum.AllFinite(g + start, unit))
            {
                tally.NonFinite = segment.Tensor;
            }

            tally.After += squares;
        }
    }

    private AdaptiveClipResult Combine()
    {
        Tally all = new() { NonFinite = -1 };
        foreach (ref readonly Tally part in _tallies.AsSpan(0, _plan.Pieces))
        {
            all.Before += part.Before;
            all.After += part.After;
            all.Units += part.Units;
            all.Clipped += part.Clipped;
            all.NonFinite = all.NonFinite < 0 ? part.NonFinite : all.NonFinite;
        }

        return new AdaptiveClipResult(new GradientNorm(all.Before, all.NonFinite), all.After, all.Units, all.Clipped);
    }

    private static void Check(ReadOnlySpan<TensorSlot> slots)
    {
        for (int index = 0; index < slots.Length; index++)
        {
            ref readonly TensorSlot slot = ref slots[index];
            if (slot.Length < 0 || (slot.Length > 0 && (slot.Parameter == null || slot.Gradient == null)))
            {
                throw new ArgumentException($"Tensor {index} of {slots.Length} (length {slot.Length}) lacks a pointer or has a negative length.", nameof(slots));
            }

            if (slot.Length > 0 && (slot.Units < 1 || slot.Length % slot.Units != 0))
            {
                throw new ArgumentException(
                    $"Tensor {index} of {slots.Length} has {slot.Units} units and {slot.Length} elements; the units must divide the elements.", nameof(slots));
            }
        }
    }

    private struct Tally
    {
        public double Before;
        public double After;
        public long Units;
        public long Clipped;
        public int NonFinite;
    }
}
