using System.Diagnostics;
using TorchSharp;
using Xunit;

namespace Descent.Torch.Tests.Native;

public sealed class NativeLoadingTests
{
    private static readonly string Here = AppContext.BaseDirectory;

    [Fact]
    public void Torch_WithoutAnyCallBefore_Works()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(3f, torch.ones(3).sum().item<float>());
    }

    [Fact]
    public void EnsureLoaded_ManyTimesFromManyThreads_IsHarmless() =>
        Parallel.For(0, 64, _ => DescentNative.EnsureLoaded());

    // Several at once, with no home, no writable folder for temporary files and nothing cached.
    [Fact]
    public async Task Load_InProcessesWithoutWritableFolders_Works()
    {
        var children = Enumerable.Range(0, 2).Select(_ => RunChild(nameof(Torch_WithoutAnyCallBefore_Works)));
        Assert.All(await Task.WhenAll(children), result => Assert.True(result.Code == 0, result.Output));
    }

    [Fact]
    public void LoadCorrected_WithNothingInTheFolders_NamesThePackageToAdd()
    {
        var failure = Assert.Throws<DllNotFoundException>(() => NativeLoader.LoadCorrected([Path.Combine(Here, "nowhere")]));
        Assert.Contains("libc10.so was not found", failure.Message, StringComparison.Ordinal);
        Assert.Contains("PackageReference Include=\"libtorch-cpu-linux-x64\"", failure.Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadCorrected_WithADamagedLibrary_NamesTheFileAndTheRemedy()
    {
        var folder = Directory.CreateTempSubdirectory("descent-test-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "libc10.so"), "not a library");
            var failure = Assert.Throws<DllNotFoundException>(() => NativeLoader.LoadCorrected([folder.FullName]));
            Assert.Contains(Path.Combine(folder.FullName, "libc10.so"), failure.Message, StringComparison.Ordinal);
            Assert.Contains("restore again", failure.Message, StringComparison.Ordinal);

            var bridge = Path.Combine(folder.FullName, "libLibTorchSharp.so");
            File.WriteAllText(bridge, "not a library");
            failure = Assert.Throws<DllNotFoundException>(() => NativeLoader.LoadBridge(bridge));
            Assert.Contains("Not a 64-bit little-endian ELF file", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("/lib/libc.so.6: version `GLIBC_2.34' not found (required by /x/a.so)", "too old")]
    [InlineData("libfoo.so.1: cannot open shared object file: No such file or directory", "package manager")]
    [InlineData("/x/a.so: file too short", "damaged")]
    public void Explain_TurnsTheLinkersWordsIntoARemedy(string linker, string expected)
    {
        var message = NativeLoader.Explain("/x/a.so", linker).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(linker, message, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunChild(string test)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Here,
            Environment = { ["HOME"] = "/nonexistent", ["XDG_CACHE_HOME"] = "/nonexistent", ["TMPDIR"] = "/proc", ["DOTNET_EnableDiagnostics"] = "0" },
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(NativeLoadingTests).Assembly.Location);
        }

        start.ArgumentList.Add("-method");
        start.ArgumentList.Add($"*.{test}");
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var error = child.StandardError.ReadToEndAsync();
        await child.WaitForExitAsync();
        var text = await output + await error;
        return (text.Contains("Total: 1,", StringComparison.Ordinal) ? child.ExitCode : -1, text);
    }
}
