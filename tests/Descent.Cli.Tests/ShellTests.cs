using System.Diagnostics;

namespace Descent.Cli.Tests;

public sealed class ShellTests
{
    [Theory]
    [InlineData("runs/first.yaml", "runs/first.yaml")]
    [InlineData("my runs/first", "'my runs/first'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("a$b`c\"d", "'a$b`c\"d'")]
    [InlineData("~/x", "'~/x'")]
    [InlineData("", "''")]
    [InlineData("-run", "./-run")]
    public async Task Path_IsOneArgumentOfAShell(string path, string expected)
    {
        string quoted = path.Length == 0 || path[0] == '~' ? Shell.Argument(path) : Shell.Path(path);
        Assert.Equal(expected, quoted);

        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"printf '<%s>' {quoted}"]) { RedirectStandardOutput = true })!;
        Assert.Equal($"<{(path.StartsWith('-') ? "./" : "")}{path}>", await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Path_OfAFolderFarAway_IsWholeWhereThatIsShorter()
    {
        Assert.Equal("/run", Shell.Path("/run"));
        Assert.Equal(Path.Combine("..", "run"), Shell.Path(Path.Combine(Environment.CurrentDirectory, "..", "run")));
    }
}
