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

    [Fact]
    public void Of_OneFold_IsRefused() => Assert.Throws<ArgumentException>(static () => FoldStatistics.Of([1], 0.5));
}
