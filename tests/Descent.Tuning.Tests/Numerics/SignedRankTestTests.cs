namespace Descent.Tuning.Tests.Numerics;

/// <summary>The signed-rank test against enumeration of all sign patterns.</summary>
public sealed class SignedRankTestTests
{
    [Theory]
    [InlineData(1.0, 2.0, 3.0, 4.0)]
    [InlineData(1.0, -2.0, 3.0, 4.0, 5.0, -6.0)]
    [InlineData(0.5, 0.5, -0.5, 0.5, 1.0, 0.0, 2.0)]
    [InlineData(-1.0, -1.0, -1.0)]
    [InlineData(double.PositiveInfinity, 1.0, 2.0, double.PositiveInfinity)]
    public void ProbabilityOfLarger_IsTheShareOfSignPatterns(params double[] differences)
    {
        double[] sizes = [.. differences.Where(static d => d != 0).Select(Math.Abs)];
        double[] ranks = [.. sizes.Select(size => sizes.Count(other => other < size) + ((sizes.Count(other => other == size) + 1) / 2.0))];
        double[] signed = [.. differences.Where(static d => d != 0)];
        double seen = Enumerable.Range(0, ranks.Length).Sum(i => signed[i] > 0 ? ranks[i] : 0);
        int count = 1 << ranks.Length;
        int larger = Enumerable.Range(0, count).Count(pattern => Enumerable.Range(0, ranks.Length).Sum(i => ((pattern >> i) & 1) == 1 ? ranks[i] : 0) >= seen);
        Assert.Equal((double)larger / count, SignedRankTest.ProbabilityOfLarger(differences), 1e-12);
    }

    [Fact]
    public void ProbabilityOfLarger_OfManyDifferences_ContinuesTheExactDistribution()
    {
        double[] sixty = [.. Enumerable.Range(1, 60).Select(static i => i % 3 == 0 ? -i : (double)i)];
        double[] more = [.. sixty, 61e-9]; // one difference more, of the smallest rank
        Assert.Equal(SignedRankTest.ProbabilityOfLarger(sixty), SignedRankTest.ProbabilityOfLarger(more), 0.1 * SignedRankTest.ProbabilityOfLarger(sixty));
    }

    [Fact]
    public void ProbabilityOfLarger_WithoutDifferences_IsOne() => Assert.Equal(1, SignedRankTest.ProbabilityOfLarger([0, 0]));
}
