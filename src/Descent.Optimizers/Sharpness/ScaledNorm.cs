using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>
/// Σ((|θ| + η)·g)² over all tensors in one read pass, the square of the norm that adaptive sharpness-aware minimization divides by.
/// Kwon, Kim, Park and Choi, "ASAM: Adaptive Sharpness-Aware Minimization", 2021, equation 6 with T = |θ| + η.
/// </summary>
/// <remarks>
/// Sums are kept in double and added in an order that depends on the lengths alone: the same bits on any number of threads and any processor. One instance
/// serves one list of parameters and allocates nothing once it has seen the same lengths before. Not for use by several threads at once.
/// </remarks>
public sealed unsafe class ScaledNorm : IParallelBody
{
    private const int Block = 8;

    private readonly WorkPlan _plan = new();
    private double[] _sums = [];

    // Of the pass in progress.
    private TensorSlot* _slots;
    private ElementType _type;
    private double _eta;

    /// <summary>Reads every parameter and gradient once.</summary>
    /// <param name="slots">The tensors; nothing is written.</param>
    /// <param name="type">The element type of all of them.</param>
    /// <param name="eta">η, at least 0.</param>
    /// <param name="runner">The threads to use; the result doesn't depend on them.</param>
    public double SumOfSquares(ReadOnlySpan<TensorSlot> slots, ElementType type, double eta, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        _plan.Prepare(slots);
        if (_sums.Length < _plan.Pieces)
        {
            _sums = new double[_plan.Pieces];
        }

        (_type, _eta) = (type, eta);
        fixed (TensorSlot* pinned = slots)
        {
            _slots = pinned;
            runner.Run(_plan.Pieces, this);
            _slots = null;
        }

        double total = 0;
        foreach (double sum in _sums.AsSpan(0, _plan.Pieces))
        {
            total += sum;
        }

        return total;
    }

    void IParallelBody.Execute(int item)
    {
        double sum = 0;
        foreach (WorkPlan.Segment segment in _plan.Piece(item))
        {
            ref readonly TensorSlot slot = ref _slots[segment.Tensor];
            sum += _type == ElementType.Float32
                ? Of((float*)slot.Parameter + segment.Offset, (float*)slot.Gradient + segment.Offset, segment.Count)
                : Of((double*)slot.Parameter + segment.Offset, (double*)slot.Gradient + segment.Offset, segment.Count);
        }

        _sums[item] = sum;
    }

    // Element i goes to running sum i mod 8, and the eight are added pairwise at the end, whatever registers the processor has.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Of<T>(T* p, T* g, long count) where T : unmanaged
    {
        Vector256<double> eta = Vector256.Create(_eta), low = default, high = default;
        T* rest = stackalloc T[2 * Block];
        for (long i = 0; i < count; i += Block)
        {
            T* parameter = p + i, gradient = g + i;
            if (count - i < Block)
            {
                // The last part, followed by gradients of 0, which add nothing.
                new Span<T>(rest, 2 * Block).Clear();
                new Span<T>(parameter, (int)(count - i)).CopyTo(new Span<T>(rest, Block));
                new Span<T>(gradient, (int)(count - i)).CopyTo(new Span<T>(rest + Block, Block));
                parameter = rest;
                gradient = rest + Block;
            }

            (Vector256<double> p0, Vector256<double> p1) = Load(parameter);
            (Vector256<double> g0, Vector256<double> g1) = Load(gradient);
            Vector256<double> a = (Vector256.Abs(p0) + eta) * g0, b = (Vector256.Abs(p1) + eta) * g1;
            low = Vector256.FusedMultiplyAdd(a, a, low);
            high = Vector256.FusedMultiplyAdd(b, b, high);
        }

        Vector256<double> four = low + high;
        return four[0] + four[1] + (four[2] + four[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> Low, Vector256<double> High) Load<T>(T* x) where T : unmanaged => typeof(T) == typeof(float)
        ? Vector256.Widen(Vector256.Load((float*)x))
        : (Vector256.Load((double*)x), Vector256.Load((double*)x + 4));
}
