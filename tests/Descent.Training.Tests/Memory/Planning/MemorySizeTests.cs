using Descent.Training.Memory;

namespace Descent.Training.Tests.Memory.Planning;

public sealed class MemorySizeTests
{
    [Theory]
    [InlineData("4GiB", 4L << 30)]
    [InlineData("1.5 GB", 1_500_000_000L)]
    [InlineData("800mib", 800L << 20)]
    [InlineData("2TB", 2_000_000_000_000L)]
    [InlineData("12345", 12345L)]
    [InlineData("7B", 7L)]
    public void Parse_ReadsNumberAndUnit(string text, long bytes) => Assert.Equal(bytes, MemorySize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("four GiB")]
    [InlineData("-1GiB")]
    [InlineData("0GiB")]
    [InlineData("4 PiB!")]
    [InlineData("1e3MB")]
    public void Parse_OfAnythingElse_SaysWhatToWrite(string text) =>
        Assert.Contains("such as 4GiB", Assert.Throws<ArgumentException>(() => MemorySize.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(512L << 10, "512 KiB")]
    [InlineData(812L << 20, "812 MiB")]
    [InlineData(3671L << 20, "3.58 GiB")]
    public void Format_GivesThreeDigits(long bytes, string text) => Assert.Equal(text, MemorySize.Format(bytes));
}
