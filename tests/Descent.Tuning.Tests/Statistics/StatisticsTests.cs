using Descent.Tuning.Statistics;

namespace Descent.Tuning.Tests.Statistics;

/// <summary>The statistics against values of tables and of closed forms.</summary>
public sealed class StatisticsTests
{
    // Tables of the t distribution, as in any textbook (NIST handbook, 1.3.6.7.2).
    [Theory]
    [InlineData(1, 0.95, 12.7062)]
    [InlineData(2, 0.95, 4.3027)]
    [InlineData(4, 0.95, 2.7764)]
    [InlineData(9, 0.95, 2.2622)]
    [InlineData(30, 0.99, 2.7500)]
    [InlineData(1000, 0.95, 1.9623)]
    public void TwoSidedQuantile_IsTheTables(double degrees, double level, double expected) => Assert.Equal(expected, StudentT.TwoSidedQuantile(level, degrees), 4);

    [Fact]
    public void TwoSided_OfOneAndTwoDegrees_IsTheClosedForm()
    {
        foreach (double t in new[] { 0, 1e-9, 0.1, 1, 3, 50, 1e6 })
        {
            Assert.Equal(1 - (2 / Math.PI * Math.Atan(t)), StudentT.TwoSided(t, 1), 1e-13);
            Assert.Equal(1 - (t / Math.Sqrt(2 + (t * t))), StudentT.TwoSided(-t, 2), 1e-13);
        }

        Assert.Equal(0, StudentT.TwoSided(double.PositiveInfinity, 3));
    }

    [Fact]
    public void TwoSided_OfManyDegrees_IsNormal() => Assert.Equal(2 * Normal.Cdf(-1.5), StudentT.TwoSided(1.5, 1e8), 1e-7);

    // Student's own data (1908): additional hours of sleep by two drugs; t = 4.0621 with 9 degrees of freedom, p = 0.002833.
    private static readonly double[] Sleep = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];

    [Fact]
    public void T_OfStudentsSleepData_IsHisResult() => Assert.Equal(0.002833, PairedTest.T(Sleep), 6);

    [Fact]
    public void SignedRank_OfStudentsSleepData_CountsAllSigns() => Assert.Equal(2 / 512.0, PairedTest.SignedRank(Sleep), 1e-12);

    [Fact]
    public void OfMean_OfStudentsSleepData_IsHisInterval()
    {
        var interval = ConfidenceInterval.OfMean(Sleep);
        Assert.Equal(1.58, interval.Mean, 1e-12);
        Assert.Equal(0.7001142, interval.Low, 1e-6);
        Assert.Equal(2.4598858, interval.High, 1e-6);
    }

    [Fact]
    public void OfMean_OfOneValue_TellsNothingOfTheSpread() => Assert.Equal(double.PositiveInfinity, ConfidenceInterval.OfMean([3]).HalfWidth);

    [Theory]
    [InlineData(5, 0.0625)]
    [InlineData(6, 0.03125)]
    public void SignedRank_OfFewDifferences_CanNotBeSmall(int count, double least) =>
        Assert.Equal(least, PairedTest.SignedRank([.. Enumerable.Range(1, count).Select(static difference => (double)difference)]), 1e-12);

    [Fact]
    public void SignedRank_WithARunThatDiverged_TakesItForTheWorst() =>
        Assert.Equal(PairedTest.SignedRank([1, -2, 3, 4, 100]), PairedTest.SignedRank([1, -2, 3, 4, double.PositiveInfinity]));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0)]
    public void T_OfEqualDifferences_IsSureOrNothing(double difference, double expected) => Assert.Equal(expected, PairedTest.T([difference, difference, difference]));

    // The worked example of the correction: 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02.
    [Fact]
    public void Adjust_IsHolms() => Assert.Equal([0.03, 0.06, 0.06, 0.02], HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]).Select(static p => Math.Round(p, 12)));

    [Fact]
    public void Adjust_OfNothing_IsNothing() => Assert.Empty(HolmCorrection.Adjust([]));
}
