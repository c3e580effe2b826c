using Descent.Training.Folds;

namespace Descent.Training.Tests.Folds;

public sealed class FoldStatisticsTests
{
    /// <summary>By hand: Σ(x − 0.8)² = 0.025, s² = 0.00625, √((1/5 + 1/4)·s²) = 0.0530330, t₄ = 2.7764451.</summary>
    [Fact]
    public void Of_FiveFolds_IsWhatAHandComputes()
    {
        FoldStatistics statistics = FoldStatistics.Of([0.8, 0.9, 0.7, 0.85, 0.75], testTrainRatio: 0.25);

        Assert.Equal(0.8, statistics.Mean, 1e-15);
        Assert.Equal(0.0790569415, statistics.StandardDeviation, 1e-9);
        Assert.Equal(0.0530330086, statistics.StandardError, 1e-9);
        Assert.Equal(0.8 - 0.1472432, statistics.Low, 1e-6);
        Assert.Equal(0.8 + 0.1472432, statistics.High, 1e-6);
    }

    /// <summary>The 97.5 % points of the tables, to ten digits.</summary>
    [Theory]
    [InlineData(1, 12.7062047362)]
    [InlineData(2, 4.3026527297)]
    [InlineData(4, 2.7764451052)]
    [InlineData(9, 2.2621571628)]
    [InlineData(29, 2.0452296421)]
    [InlineData(99, 1.9842169516)]
    [InlineData(1000, 1.9623390808)]
    public void Quantile_IsThatOfTheTables(int degrees, double expected) => Assert.Equal(expected, StudentT.Quantile(0.975, degrees), 1e-9 * expected);

    /// <summary>Where the distribution has a closed form: one degree of freedom is Cauchy's, two are algebraic.</summary>
    [Fact]
    public void Cumulative_AgreesWithTheClosedForms()
    {
        for (double t = 0; t < 50; t += 0.37)
        {
            Assert.Equal(0.5 + (Math.Atan(t) / Math.PI), StudentT.Cumulative(t, 1), 1e-14);
            Assert.Equal(0.5 + (t / (2 * Math.Sqrt(2 + (t * t)))), StudentT.Cumulative(t, 2), 1e-14);
        }
    }

    [Fact]
    public void Of_OneFold_IsRefused() => Assert.Throws<ArgumentException>(static () => FoldStatistics.Of([1], 0.5));
}
