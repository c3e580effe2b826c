using CsCheck;
using Descent.Cli.Report;

namespace Descent.Cli.Tests.Report;

public sealed class ThinningTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Thinning.MostPoints)]
    public void ShortCurve_IsKeptWhole(int count)
    {
        double[] values = [.. Enumerable.Range(0, count).Select(i => (double)i)];
        var thinning = new Thinning(count);

        Assert.Equal(values, thinning.Means(values));
        Assert.Equal(Enumerable.Range(0, count), thinning.Last());
        Assert.Equal(Enumerable.Range(0, count), thinning.Extremes(values));
    }

    [Fact]
    public void LongCurve_KeepsItsExtremesItsGapsAndItsMean() =>
        Gen.Select(Gen.Int[Thinning.MostPoints + 1, 5 * Thinning.MostPoints], Gen.Int[0, int.MaxValue]).Sample(
            (count, seed) =>
            {
                var random = new Random(seed);
                double[] values = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
                int gap = random.Next(count);
                values[gap] = double.NaN;
                var thinning = new Thinning(count);

                int[] kept = thinning.Extremes(values);

                Assert.Equal(kept.Order().Distinct(), kept);
                Assert.Contains(gap, kept);
                Assert.Contains(Array.IndexOf(values, values.Where(double.IsFinite).Max()), kept);
                Assert.Contains(Array.IndexOf(values, values.Where(double.IsFinite).Min()), kept);
                Assert.InRange(kept.Length, 1, Thinning.MostPoints + 1);

                double[] means = thinning.Means(values);
                Assert.Equal(Thinning.MostPoints / 2, means.Length);
                Assert.Equal(count - 1, thinning.Last()[^1]);
                Assert.InRange(means.Average(), 0.45, 0.55);
            },
            iter: 100);

    [Fact]
    public void Mean_OfNothingFinite_IsAGap() => Assert.Equal([double.NaN], new Thinning(1).Means([double.PositiveInfinity]));
}
