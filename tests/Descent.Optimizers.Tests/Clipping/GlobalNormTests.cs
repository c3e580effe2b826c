namespace Descent.Optimizers.Tests.Clipping;

public sealed unsafe class GlobalNormTests
{
    private static readonly int[] Lengths = [100_003, 0, 1, 15, 16, 17, 5_000];

    [Fact]
    public void Compute_AgreesWithAPlainSum()
    {
        (float[][] singles, double[][] doubles, double expected) = Gradients();
        Assert.Equal(expected, Norm(singles, SingleThread.Instance).SumOfSquares, expected * 1e-12);
        Assert.Equal(expected, Norm(doubles, SingleThread.Instance).SumOfSquares, expected * 1e-12);
    }

    [Fact]
    public void Compute_OnAnyThreads_HasTheSameBits()
    {
        (float[][] singles, double[][] doubles, _) = Gradients();
        foreach (int threads in (int[])[1, 2, 3, 7])
        {
            using WorkerPool pool = new(threads);
            Assert.Equal(Norm(singles, SingleThread.Instance), Norm(singles, pool));
            Assert.Equal(Norm(doubles, SingleThread.Instance), Norm(doubles, pool));
        }
    }

    [Fact]
    public void Compute_WithRoomForSums_GivesEachTensorsOwn()
    {
        (float[][] singles, _, _) = Gradients();
        double[] sums = new double[singles.Length];
        Array.Fill(sums, double.NaN);
        GradientNorm norm = Norm(singles, WorkerPool.Shared, sums);
        Assert.Equal(Norm(singles, SingleThread.Instance), norm);
        Assert.All(singles.Zip(sums), pair =>
        {
            double expected = pair.First.Sum(static value => (double)value * value);
            Assert.Equal(expected, pair.Second, expected * 1e-12);
        });
        Assert.Throws<ArgumentException>(() => Norm(singles, SingleThread.Instance, new double[2]));
    }

    [Theory]
    [InlineData(0, 0, float.NaN)]
    [InlineData(0, 100_002, float.PositiveInfinity)]
    [InlineData(2, 0, float.NegativeInfinity)]
    [InlineData(5, 16, float.NaN)]
    [InlineData(6, 4_999, float.NaN)]
    public void Compute_WithANonFiniteElement_NamesItsTensor(int tensor, int element, float bad)
    {
        (float[][] singles, double[][] doubles, _) = Gradients();
        singles[tensor][element] = bad;
        doubles[tensor][element] = bad;
        singles[^1][7] = float.NaN; // only the first counts
        GradientNorm norm = Norm(singles, WorkerPool.Shared);
        Assert.Equal(tensor, norm.FirstNonFinite);
        Assert.False(norm.IsFinite);
        Assert.False(double.IsFinite(norm.Norm));
        Assert.Equal(tensor, Norm(doubles, WorkerPool.Shared).FirstNonFinite);
    }

    [Fact]
    public void Compute_OfHugeFloats_DoesNotOverflow()
    {
        GradientNorm norm = Norm([[float.MaxValue, float.MaxValue]], SingleThread.Instance);
        Assert.True(norm.IsFinite);
        Assert.Equal(float.MaxValue * Math.Sqrt(2), norm.Norm, 1e25);
    }

    [Fact]
    public void Compute_OfDoublesWhoseSquaresOverflow_IsInfiniteButBlamesNobody()
    {
        GradientNorm norm = Norm([[1e200, 1]], SingleThread.Instance);
        Assert.Equal(double.PositiveInfinity, norm.Norm);
        Assert.Equal(-1, norm.FirstNonFinite);
    }

    [Fact]
    public void Compute_OfNothing_IsZero()
    {
        Assert.Equal(new GradientNorm(0, -1), new GlobalNorm().Compute([], ElementType.Float32, WorkerPool.Shared));
        Assert.Equal(new GradientNorm(0, -1), Norm<float>([[], []], WorkerPool.Shared));
    }

    [Fact]
    public void Compute_WithoutAGradient_NamesTheTensor()
    {
        TensorSlot[] slots = [new() { Length = 3 }];
        ArgumentException error = Assert.Throws<ArgumentException>(() => new GlobalNorm().Compute(slots, ElementType.Float32, WorkerPool.Shared));
        Assert.Contains("Tensor 0 of 1 (length 3)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_AfterWarmUp_AllocatesNothing()
    {
        float[] gradient = GC.AllocateArray<float>(100_000, pinned: true);
        fixed (float* g = gradient)
        {
            TensorSlot[] slots = [new() { Gradient = g, Length = gradient.Length }];
            GlobalNorm norm = new();
            norm.Compute(slots, ElementType.Float32, WorkerPool.Shared);
            norm.Compute(slots, ElementType.Float32, WorkerPool.Shared);
            long before = GC.GetAllocatedBytesForCurrentThread();
            norm.Compute(slots, ElementType.Float32, WorkerPool.Shared);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    /// <summary>torch.nn.utils.clip_grad_norm_: coefficient max/(norm + 1e-6), at most 1.</summary>
    [Theory]
    [InlineData(25, 1, 1, 1 / (5 + 1e-6))]
    [InlineData(25, 10, 1, 1)]
    [InlineData(25, 1, 0.5, 1 / (2.5 + 1e-6))]
    [InlineData(0, 1, 1, 1)]
    public void ClipFactor_IsPyTorchs(double sum, double max, double scale, double expected) =>
        Assert.Equal(expected, new GradientNorm(sum, -1).ClipFactor(max, scale), 1e-15);

    [Fact]
    public void ClipFactor_ToZero_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new GradientNorm(1, -1).ClipFactor(0));

    private static (float[][] Singles, double[][] Doubles, double Sum) Gradients()
    {
        Random random = new(5);
        float[][] singles = [.. Lengths.Select(length => Enumerable.Range(0, length).Select(_ => (random.NextSingle() - 0.5f) * 4).ToArray())];
        double[][] doubles = [.. singles.Select(static tensor => tensor.Select(static value => (double)value).ToArray())];
        return (singles, doubles, doubles.Sum(static tensor => tensor.Sum(static value => value * value)));
    }

    private static GradientNorm Norm<T>(T[][] gradients, IParallelRunner runner, double[]? sums = null) where T : unmanaged
    {
        T[][] pinned = [.. gradients.Select(static gradient =>
        {
            T[] copy = GC.AllocateUninitializedArray<T>(gradient.Length, pinned: true);
            gradient.CopyTo(copy, 0);
            return copy;
        })];
        TensorSlot[] slots = new TensorSlot[pinned.Length];
        for (int index = 0; index < pinned.Length; index++)
        {
            fixed (T* g = pinned[index])
            {
                slots[index] = new TensorSlot { Gradient = g, Length = pinned[index].Length };
            }
        }

        GradientNorm norm = new GlobalNorm().Compute(slots, typeof(T) == typeof(float) ? ElementType.Float32 : ElementType.Float64, runner, sums);
        GC.KeepAlive(pinned);
        return norm;
    }
}
