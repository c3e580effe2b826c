using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>
/// g ← g + σ·N(0, 1), in one pass. Neelakantan et al., "Adding Gradient Noise Improves Learning for Very Deep Networks", 2015, take
/// σ² = η/(1+t)^γ with η from 0.01 to 1 and γ = 0.55 (<see cref="VarianceAt"/>).
/// </summary>
/// <remarks>
/// Every number is a pure function of seed, step, parameter and element: the same bits on any number of threads, any processor, and after a resume.
/// One instance serves one list of parameters and allocates nothing once it has seen the same lengths before. Not for use by several threads at once.
/// </remarks>
public sealed unsafe class GradientNoise : IParallelBody
{
    private readonly WorkPlan _plan = new();

    // Of the pass in progress.
    private TensorSlot* _slots;
    private NoiseStream* _streams;
    private ElementType _type;

    /// <summary>η/(1+t)^γ.</summary>
    /// <param name="eta">η, the variance at the first step.</param>
    /// <param name="step">t, updates already done, from 0.</param>
    /// <param name="decay">γ. Default 0.55 (the paper's).</param>
    public static double VarianceAt(double eta, long step, double decay = 0.55) => eta / Math.Pow(1 + step, decay);

    /// <summary>Adds the noise in place.</summary>
    /// <param name="slots">The tensors; only gradients and lengths are used.</param>
    /// <param name="streams">What each gets, in the same order.</param>
    /// <param name="type">The element type of all of them.</param>
    /// <param name="runner">The threads to use; the result doesn't depend on them.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or a tensor lacks its gradient.</exception>
    public void Add(ReadOnlySpan<TensorSlot> slots, ReadOnlySpan<NoiseStream> streams, ElementType type, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        if (slots.Length != streams.Length)
        {
            throw new ArgumentException($"There are {slots.Length} tensors and {streams.Length} streams of noise; give as many of both.", nameof(streams));
        }

        for (int index = 0; index < slots.Length; index++)
        {
            if (slots[index].Length < 0 || (slots[index].Length > 0 && slots[index].Gradient == null))
            {
                throw new ArgumentException($"Tensor {index} of {slots.Length} (length {slots[index].Length}) has no gradient or a negative length.", nameof(slots));
            }
        }

        _plan.Prepare(slots);
        _type = type;
        fixed (TensorSlot* pinned = slots)
        fixed (NoiseStream* pinnedStreams = streams)
        {
            _slots = pinned;
            _streams = pinnedStreams;
            runner.Run(_plan.Pieces, this);
            _slots = null;
            _streams = null;
        }
    }

    /// <summary>Adds noise to one gradient in plain memory, in place, on the calling thread.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="stream">What it gets.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static void Add<T>(Span<T> gradient, in NoiseStream stream) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        _ = Element.TypeOf<T>();
        fixed (T* g = gradient)
        {
            Add(g, 0, gradient.Length, stream);
        }
    }

    void IParallelBody.Execute(int item)
    {
        foreach (WorkPlan.Segment segment in _plan.Piece(item))
        {
            void* gradient = _slots[segment.Tensor].Gradient;
            if (_type == ElementType.Float32)
            {
                Add((float*)gradient, segment.Offset, segment.Count, _streams[segment.Tensor]);
            }
            else
            {
                Add((double*)gradient, segment.Offset, segment.Count, _streams[segment.Tensor]);
            }
        }
    }

    // Pieces begin at multiples of a block, so a block's numbers are drawn once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<T>(T* gradient, long offset, long count, in NoiseStream stream) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<double> deviation = Vector256.Create(stream.Deviation);
        Vector256<double> limit = Vector256.Create(stream.ClipValue ?? double.PositiveInfinity);
        T* rest = stackalloc T[Gaussian.Block];
        for (long i = offset; i < offset + count; i += Gaussian.Block)
        {
            (Vector256<double> first, Vector256<double> second) = Gaussian.Next(stream.Key, i / Gaussian.Block);
            int left = (int)Math.Min(Gaussian.Block, offset + count - i);
            T* g = left == Gaussian.Block ? gradient + i : rest;
            if (left < Gaussian.Block)
            {
                new Span<T>(gradient + i, left).CopyTo(new Span<T>(rest, Gaussian.Block));
            }

            if (typeof(T) == typeof(float))
            {
                (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Vector256.Load((float*)g));
                Vector256.Narrow(Noisy(low, first, deviation, limit), Noisy(high, second, deviation, limit)).Store((float*)g);
            }
            else
            {
                Noisy(Vector256.Load((double*)g), first, deviation, limit).Store((double*)g);
                Noisy(Vector256.Load((double*)g + 4), second, deviation, limit).Store((double*)g + 4);
            }

            if (left < Gaussian.Block)
            {
                new Span<T>(rest, left).CopyTo(new Span<T>(gradient + i, left));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Noisy(Vector256<double> g, Vector256<double> z, Vector256<double> deviation, Vector256<double> limit) =>
        Vector256.FusedMultiplyAdd(deviation, z, Vector256.Max(Vector256.Min(g, limit), -limit));
}
