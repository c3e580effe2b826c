namespace Descent.Cli.Tests;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(1.23456, "1.235")]
    [InlineData(-12.3456, "-12.35")]
    [InlineData(0.25, "0.2500")]
    [InlineData(0.000123456, "1.235e-4")]
    [InlineData(123456, "123,456")]
    [InlineData(1.5e7, "1.500e7")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "∞")]
    [InlineData(double.NegativeInfinity, "−∞")]
    public void Number_HasFourDigits(double value, string expected) => Assert.Equal(expected, Figures.Number(value));

    [Theory]
    [InlineData(2.07213, 0.0183, "2.072 ± 0.018")]
    [InlineData(0.5354, 1.958, "0.5 ± 2.0")]
    [InlineData(21.7, 222, "22 ± 222")]
    [InlineData(1.2345e-5, 2e-6, "(1.23 ± 0.20)e-5")]
    [InlineData(1.5e7, 2e5, "(1.500 ± 0.020)e7")]
    [InlineData(0.5, 0, "0.5000 ± 0")]
    [InlineData(0.5, 1e-9, "0.500000 ± 0.000000")]
    [InlineData(0.5, double.PositiveInfinity, "0.5000 ± ∞")]
    public void PlusMinus_HasTheDecimalsOfTheWidth(double mean, double half, string expected) => Assert.Equal(expected, Figures.PlusMinus(mean, half));

    [Theory]
    [InlineData(3e-4, "3e-4")]
    [InlineData(2.5512e-4, "2.55e-4")]
    [InlineData(1, "1e0")]
    [InlineData(0, "0")]
    public void Rate_ReadsAsInARunFile(double value, string expected) => Assert.Equal(expected, Figures.Rate(value));

    [Theory]
    [InlineData(999, "999")]
    [InlineData(12_345, "12.3 K")]
    [InlineData(10_712_832, "10.7 M")]
    [InlineData(1_240_000_000, "1.24 G")]
    public void Count_IsShort(long value, string expected) => Assert.Equal(expected, Figures.Count(value));

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1L << 30, "1.0 GiB")]
    [InlineData(300L << 20, "300 MiB")]
    public void Bytes_AreBinary(long value, string expected) => Assert.Equal(expected, Figures.Bytes(value));

    [Theory]
    [InlineData(0, "0:00")]
    [InlineData(59.7, "1:00")]
    [InlineData(725, "12:05")]
    [InlineData(3723, "1:02:03")]
    [InlineData(-1, "0:00")]
    [InlineData(double.PositiveInfinity, "unknown")]
    public void Duration_ReadsAsAClock(double seconds, string expected) => Assert.Equal(expected, Figures.Duration(seconds));

    [Theory]
    [InlineData(42.5, "42.5")]
    [InlineData(12_345.4, "12,345")]
    [InlineData(double.NaN, "NaN")]
    public void Throughput_KeepsAFractionOnlyWhenSmall(double value, string expected) => Assert.Equal(expected, Figures.Throughput(value));
}
