namespace Descent.Optimizers.Tests.Clipping;

public sealed unsafe class ValueClippingTests
{
    /// <summary>Element by element in a plain loop; sums of up to 300,000 doubles in another order agree to 1e-12.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(257)]
    [InlineData(300_000)]
    public void Measure_EqualsAPlainLoop(int length)
    {
        var random = new Random(length);
        float[] singles = [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 4) - 2))];
        double[] doubles = [.. singles.Select(static value => (double)value)];
        foreach (int threads in new[] { 1, 3 })
        {
            using var pool = new WorkerPool(threads);
            ValueClipResult result = Measure(singles, ElementType.Float32, pool);
            Assert.Equal(length, result.Elements);
            Assert.Equal(doubles.Count(static value => Math.Abs(value) > 0.75), result.Clipped);
            double before = doubles.Sum(static value => value * value), after = doubles.Sum(static value => Math.Pow(Math.Min(Math.Abs(value), 0.75), 2));
            Assert.Equal(before, result.Before.SumOfSquares, 1e-12 * before);
            Assert.Equal(after, result.SumOfSquares, 1e-12 * after);
            Assert.Equal(result, Measure(doubles, ElementType.Float64, pool));
            Assert.True(result.Before.IsFinite);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Measure_OfANonFiniteElement_NamesItsTensor(float value)
    {
        float[] values = [1, 2, 3, value];
        Assert.Equal(1, Measure(values, ElementType.Float32, SingleThread.Instance).Before.FirstNonFinite);
    }

    [Fact]
    public void Measure_WithABoundThatIsNone_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ValueClipping().Measure([], ElementType.Float32, 0, SingleThread.Instance));

    private static ValueClipResult Measure<T>(T[] values, ElementType type, IParallelRunner runner) where T : unmanaged
    {
        // Two tensors, so that a place within the list is seen too.
        int half = values.Length / 2;
        fixed (T* x = values)
        {
            TensorSlot[] slots = [new() { Gradient = x, Length = half }, new() { Gradient = x + half, Length = values.Length - half }];
            return new ValueClipping().Measure(slots, type, 0.75, runner);
        }
    }
}
