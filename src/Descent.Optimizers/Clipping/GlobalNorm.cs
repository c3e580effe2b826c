namespace Descent.Optimizers;

/// <summary>
/// The norm of all gradients together, and of each, in one read pass. Sums are kept in double and added in an order that depends on the lengths
/// alone, so the result has the same bits on any number of threads and any processor.
/// </summary>
/// <remarks>
/// One instance serves one list of parameters and allocates nothing once it has seen the same lengths before. Not for use by
/// several threads at once.
/// </remarks>
public sealed unsafe class GlobalNorm : IParallelBody
{
    private readonly WorkPlan _plan = new();

    // Of every part of a tensor, at piece + tensor: from one part to the next, at least one of them grows by one and none falls.
    private double[] _sums = [];

    // Of the pass in progress.
    private TensorSlot* _slots;
    private ElementType _type;

    /// <summary>Reads every gradient once.</summary>
    /// <param name="slots">The tensors; only gradients and lengths are used.</param>
    /// <param name="type">The element type of all of them.</param>
    /// <param name="runner">The threads to use; the result doesn't depend on them.</param>
    /// <exception cref="ArgumentException">A tensor with elements has no gradient, or a length is negative.</exception>
    public GradientNorm Compute(ReadOnlySpan<TensorSlot> slots, ElementType type, IParallelRunner runner) => Compute(slots, type, runner, []);

    /// <summary>Reads every gradient once and keeps the sum of each.</summary>
    /// <param name="slots">The tensors; only gradients and lengths are used.</param>
    /// <param name="type">The element type of all of them.</param>
    /// <param name="runner">The threads to use; the result doesn't depend on them.</param>
    /// <param name="sumsOfSquares">Receives Σg² of each tensor: as long as <paramref name="slots"/>, or empty where they aren't wanted.</param>
    /// <exception cref="ArgumentException">A tensor with elements has no gradient, a length is negative, or the two lists differ in length.</exception>
    public GradientNorm Compute(ReadOnlySpan<TensorSlot> slots, ElementType type, IParallelRunner runner, Span<double> sumsOfSquares)
    {
        ArgumentNullException.ThrowIfNull(runner);
        Check(slots);
        if (!sumsOfSquares.IsEmpty && sumsOfSquares.Length != slots.Length)
        {
            throw new ArgumentException($"There are {slots.Length} tensors and room for {sumsOfSquares.Length} sums; give as much of both.", nameof(sumsOfSquares));
        }

        _plan.Prepare(slots);
        if (_sums.Length < _plan.Pieces + slots.Length)
        {
            _sums = new double[_plan.Pieces + slots.Length];
        }

        _type = type;
        fixed (TensorSlot* pinned = slots)
        {
            _slots = pinned;
            runner.Run(_plan.Pieces, this);
            GradientNorm norm = Combine(sumsOfSquares);
            _slots = null;
            return norm;
        }
    }

    void IParallelBody.Execute(int item)
    {
        foreach (WorkPlan.Segment segment in _plan.Piece(item))
        {
            _sums[item + segment.Tensor] = Sum(segment);
        }
    }

    private GradientNorm Combine(Span<double> tensors)
    {
        tensors.Clear();
        double total = 0;
        int firstNonFinite = -1;
        for (int piece = 0; piece < _plan.Pieces; piece++)
        {
            double sum = 0;
            foreach (WorkPlan.Segment segment in _plan.Piece(piece))
            {
                double part = _sums[piece + segment.Tensor];
                sum += part;
                if (!tensors.IsEmpty)
                {
                    tensors[segment.Tensor] += part;
                }
            }

            total += sum;
            if (firstNonFinite < 0 && !double.IsFinite(sum))
            {
                firstNonFinite = FirstNonFinite(piece);
            }
        }

        return new GradientNorm(total, firstNonFinite);
    }

    /// <summary>A sum that isn't finite can also be an overflow of doubles above 1e154: look at the elements.</summary>
    private int FirstNonFinite(int piece)
    {
        foreach (WorkPlan.Segment segment in _plan.Piece(piece))
        {
            bool finite = _type == ElementType.Float32
                ? SquareSum.AllFinite((float*)_slots[segment.Tensor].Gradient + segment.Offset, segment.Count)
                : SquareSum.AllFinite((double*)_slots[segment.Tensor].Gradient + segment.Offset, segment.Count);
            if (!finite)
            {
                return segment.Tensor;
            }
        }

        return -1;
    }

    private double Sum(WorkPlan.Segment segment) =>
        _type == ElementType.Float32
            ? SquareSum.Of((float*)_slots[segment.Tensor].Gradient + segment.Offset, segment.Count)
            : SquareSum.Of((double*)_slots[segment.Tensor].Gradient + segment.Offset, segment.Count);

    private static void Check(ReadOnlySpan<TensorSlot> slots)
    {
        for (int index = 0; index < slots.Length; index++)
        {
            if (slots[index].Length < 0 || (slots[index].Length > 0 && slots[index].Gradient == null))
            {
                throw new ArgumentException(
                    $"Tensor {index} of {slots.Length} (length {slots[index].Length}) has no gradient or a negative length; "
                    + "leave tensors without a gradient out.",
                    nameof(slots));
            }
        }
    }
}
