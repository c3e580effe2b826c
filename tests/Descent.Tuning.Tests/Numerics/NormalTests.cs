namespace Descent.Tuning.Tests.Numerics;

/// <summary>The normal distribution against tables, identities and quadrature.</summary>
public sealed class NormalTests
{
    /// <summary>erfc to 20 digits: Abramowitz and Stegun, table 7.1 and NIST's DLMF.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 0.7236736098317630669)]
    [InlineData(0.5, 0.4795001221869534623)]
    [InlineData(1, 0.1572992070502851307)]
    [InlineData(2, 4.677734981047265838e-3)]
    [InlineData(4, 1.541725790028001885e-8)]
    [InlineData(6, 2.151973671249891312e-17)]
    [InlineData(-1, 1.842700792949714869)]
    [InlineData(-4, 1.999999984582742100)]
    public void Complement_AgreesWithTables(double x, double expected)
    {
        double actual = ErrorFunction.Complement(x);
        Assert.InRange(actual, expected * (1 - 4e-15), expected * (1 + 4e-15));
    }

    [Fact]
    public void ScaledComplement_IsTheComplementTimesTheExponential()
    {
        for (double x = 0; x < 5; x += 0.05)
        {
            Assert.Equal(1, ErrorFunction.ScaledComplement(x) / (Math.Exp(x * x) * ErrorFunction.Complement(x)), 2e-14);
        }

        Assert.Equal(1, ErrorFunction.ScaledComplement(1e8) * 1e8 * Math.Sqrt(Math.PI), 1e-14);
    }

    [Fact]
    public void LogCdf_FarOut_FollowsTheAsymptoticSeries()
    {
        foreach (double x in (double[])[-20, -40, -1000, -1e6])
        {
            double series = Normal.LogDensity(x) - Math.Log(-x) + Math.Log(1 - (1 / (x * x)) + (3 / Math.Pow(x, 4)) - (15 / Math.Pow(x, 6)) + (105 / Math.Pow(x, 8)));
            Assert.Equal(1, Normal.LogCdf(x) / series, 1e-9);
        }

        Assert.Equal(-Normal.Cdf(-9), Normal.LogCdf(9), 1e-30);
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0.5, 0.6)]
    [InlineData(-0.6, -0.5)]
    [InlineData(3, 8)]
    [InlineData(-30, -29.5)]
    [InlineData(1e-3, 2e-3)]
    public void LogMass_IsTheIntegralOfTheDensity(double a, double b)
    {
        const int n = 4000;
        double sum = 0;
        double peak = Math.Max(Normal.LogDensity(a), Normal.LogDensity(b));
        for (int i = 0; i <= n; i++)
        {
            double weight = i is 0 or n ? 1 : i % 2 == 1 ? 4 : 2; // Simpson
            sum += weight * Math.Exp(Normal.LogDensity(a + ((b - a) * i / n)) - peak);
        }

        Assert.Equal(peak + Math.Log(sum * (b - a) / n / 3), Normal.LogMass(a, b), 1e-9);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.1, -1.2815515655446004)]
    [InlineData(1e-10, -6.361340902404056)]
    [InlineData(1e-300, -37.04709629936120)]
    public void Quantile_AgreesWithTables(double p, double expected) => Assert.Equal(expected, Normal.Quantile(p), 1e-9);

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(-8, 0.1)]
    [InlineData(5, 6)]
    [InlineData(-40, -39)]
    [InlineData(-0.01, 0.02)]
    [InlineData(-1e3, 1e3)]
    public void TruncatedQuantile_InvertsTheTruncatedDistribution(double a, double b)
    {
        double last = a;
        for (double u = 0.01; u < 1; u += 0.01)
        {
            double x = Normal.TruncatedQuantile(u, a, b);
            Assert.InRange(x, last, b);
            last = x;
            Assert.Equal(Math.Log(u), Normal.LogMass(a, x) - Normal.LogMass(a, b), 1e-7);
        }
    }

    [Fact]
    public void LogImprovement_IsTheLogarithmWhereThatIsFinite_AndItsSlopeTheDifference()
    {
        for (double z = -5; z < 4; z += 0.1)
        {
            double plain = Math.Log(Normal.Density(z) + (z * Normal.Cdf(z)));
            Assert.Equal(plain, Normal.LogImprovement(z), 1e-6);
        }

        // h(z) = φ(z)·(1/z² − 3/z⁴ + 15/z⁶ − …) for z → −∞.
        foreach (double z in (double[])[-20, -100, -1e4, -1e7])
        {
            Assert.Equal(1, Normal.LogImprovement(z) / (Normal.LogDensity(z) - (2 * Math.Log(-z)) + Math.Log(1 - (3 / (z * z)) + (15 / Math.Pow(z, 4)))), 1e-7);
        }

        foreach (double z in (double[])[-50, -3, -1.01, -0.99, 0, 2])
        {
            const double h = 1e-5;
            double slope = (Normal.LogImprovement(z + h) - Normal.LogImprovement(z - h)) / (2 * h);
            Assert.Equal(1, Normal.LogImprovementSlope(z, Normal.LogImprovement(z)) / slope, 1e-5);
        }
    }
}
