namespace Descent.Optimizers.Tests.Clipping;

public sealed unsafe class AdaptiveClippingTests
{
    // Many short rows, a vector, a row longer than a piece of work, nothing, and one row of one element.
    private static readonly (int Units, int Length)[] Shapes = [(3_000, 7), (1, 1_000), (2, 40_000), (1, 0), (1, 1), (64, 27)];

    /// <summary>Equation 3 of the paper, row by row, in double.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(0.2)]
    public void Clip_FollowsThePaper(double scale)
    {
        using Buffers buffers = new();
        (double[][] expected, long clipped) = Oracle(buffers, ratio: 0.05, epsilon: 1e-3, scale);
        double before = Squares(buffers.Gradients);

        AdaptiveClipResult result = new AdaptiveClipping { Ratio = 0.05 }.Clip(buffers.Slots, ElementType.Float32, scale, WorkerPool.Shared);

        Assert.Equal(before, result.Before.SumOfSquares, before * 1e-12);
        Assert.Equal(expected.Sum(static tensor => tensor.Sum(static value => value * value)), result.SumOfSquares, before * 1e-6);
        Assert.Equal(Shapes.Sum(static shape => shape.Length == 0 ? 0 : shape.Units), result.Units);
        Assert.Equal(clipped, result.Clipped);
        Assert.InRange(result.Share, 0.01, 0.99);
        for (int tensor = 0; tensor < Shapes.Length; tensor++)
        {
            for (int i = 0; i < expected[tensor].Length; i++)
            {
                // The factor is rounded to float, and the product.
                Assert.Equal(expected[tensor][i], buffers.Gradients[tensor][i], Math.Abs(expected[tensor][i]) * 2e-7);
            }
        }
    }

    [Fact]
    public void Clip_OnAnyThreads_HasTheSameBits()
    {
        using Buffers reference = new();
        AdaptiveClipResult expected = new AdaptiveClipping().Clip(reference.Slots, ElementType.Float32, 1, SingleThread.Instance);
        foreach (int threads in (int[])[2, 3, 7])
        {
            using WorkerPool pool = new(threads);
            using Buffers buffers = new();
            Assert.Equal(expected, new AdaptiveClipping().Clip(buffers.Slots, ElementType.Float32, 1, pool));
            Assert.Equal(reference.Gradients, buffers.Gradients);
        }
    }

    [Fact]
    public void Clip_OfAParameterAtZero_UsesEpsilon()
    {
        float[] gradient = [3, 4];
        AdaptiveClipResult result = GradientClip.Adaptively(gradient, new float[2], units: 1, ratio: 0.5, epsilon: 0.01);
        Assert.Equal(0.005, Math.Sqrt(gradient.Sum(static g => (double)g * g)), 1e-9);
        Assert.Equal((1, 1, 25.0), (result.Units, result.Clipped, result.Before.SumOfSquares));
    }

    [Fact]
    public void Clip_WithANonFiniteElement_NamesItsTensorAndLeavesItsUnit()
    {
        using Buffers buffers = new();
        buffers.Gradients[2][60_000] = float.NaN;
        float neighbour = buffers.Gradients[2][59_999];
        AdaptiveClipResult result = new AdaptiveClipping().Clip(buffers.Slots, ElementType.Float32, 1, WorkerPool.Shared);
        Assert.Equal(2, result.Before.FirstNonFinite);
        Assert.Equal(neighbour, buffers.Gradients[2][59_999]);
    }

    [Fact]
    public void Clip_WithUnitsThatDoNotDivide_IsRefused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => GradientClip.Adaptively(new float[5], new float[5], units: 2));
        Assert.Contains("2 units and 5 elements", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Clip_AfterWarmUp_AllocatesNothing()
    {
        using Buffers buffers = new();
        AdaptiveClipping clipping = new();
        clipping.Clip(buffers.Slots, ElementType.Float32, 1, SingleThread.Instance);
        clipping.Clip(buffers.Slots, ElementType.Float32, 1, SingleThread.Instance);
        long before = GC.GetAllocatedBytesForCurrentThread();
        clipping.Clip(buffers.Slots, ElementType.Float32, 1, SingleThread.Instance);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void ByValue_BoundsEveryElementAndKeepsNaN()
    {
        double[] gradient = [.. Enumerable.Range(-10, 21).Select(static i => i / 4.0), double.NaN];
        GradientClip.ByValue<double>(gradient, 1.5);
        Assert.Equal([.. Enumerable.Range(-10, 21).Select(static i => Math.Clamp(i / 4.0, -1.5, 1.5)), double.NaN], gradient);
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClip.ByValue<double>(gradient, 0));
    }

    [Fact]
    public void ByNorm_ScalesDownToTheMaximum()
    {
        float[] gradient = [3, 4];
        Assert.Equal(5, GradientClip.ByNorm<float>(gradient, 1));
        Assert.Equal(1, Math.Sqrt(gradient.Sum(static g => (double)g * g)), 1e-6);
        Assert.Equal(1, GradientClip.ByNorm<float>(gradient, 2), 1e-6);
    }

    [Fact]
    public void SpanOptimizer_WithAClipValue_BoundsTheScaledGradient()
    {
        var optimizer = new SpanOptimizer<double>(new SgdOptions { LearningRate = 1 }, 3);
        double[] parameters = new double[3];
        optimizer.Step(parameters, [1.0, -8.0, 3.0], gradientScale: 0.5, clipValue: 1);
        Assert.Equal([-0.5, 1, -1], parameters);
    }

    private static (double[][] Gradients, long Clipped) Oracle(Buffers buffers, double ratio, double epsilon, double scale)
    {
        long clipped = 0;
        double[][] result = new double[Shapes.Length][];
        for (int tensor = 0; tensor < Shapes.Length; tensor++)
        {
            int unit = Shapes[tensor].Length;
            double[] g = result[tensor] = [.. buffers.Gradients[tensor].Select(static value => (double)value)];
            for (int row = 0; row < Shapes[tensor].Units && unit > 0; row++)
            {
                double norm = scale * Math.Sqrt(g.Skip(row * unit).Take(unit).Sum(static value => value * value));
                double own = Math.Sqrt(buffers.Parameters[tensor].Skip(row * unit).Take(unit).Sum(static value => (double)value * value));
                double limit = ratio * Math.Max(own, epsilon);
                if (norm > limit)
                {
                    clipped++;
                    for (int i = row * unit; i < (row + 1) * unit; i++)
                    {
                        g[i] *= limit / norm;
                    }
                }
            }
        }

        return (result, clipped);
    }

    private static double Squares(float[][] gradients) => gradients.Sum(static tensor => tensor.Sum(static value => (double)value * value));

    private sealed class Buffers : IDisposable
    {
        public Buffers()
        {
            Random random = new(3);
            Parameters = [.. Shapes.Select(shape => Values(shape.Units * shape.Length, random, static _ => 1))];

            // Gradients whose rows differ in size, so that some are clipped and some aren't.
            Gradients = [.. Shapes.Select(shape => Values(shape.Units * shape.Length, random, i => MathF.Pow(10, -(i / Math.Max(1, shape.Length) % 5))))];
            Slots = new TensorSlot[Shapes.Length];
            for (int index = 0; index < Shapes.Length; index++)
            {
                fixed (float* p = Parameters[index], g = Gradients[index])
                {
                    Slots[index] = new TensorSlot { Parameter = p, Gradient = g, Length = Gradients[index].Length, Units = Shapes[index].Units };
                }
            }
        }

        public float[][] Parameters { get; }

        public float[][] Gradients { get; }

        public TensorSlot[] Slots { get; }

        public void Dispose() => GC.KeepAlive(this);

        private static float[] Values(int count, Random random, Func<int, float> size)
        {
            float[] values = GC.AllocateUninitializedArray<float>(count, pinned: true);
            for (int i = 0; i < count; i++)
            {
                values[i] = ((random.NextSingle() * 2) - 1) * size(i);
            }

            return values;
        }
    }
}
