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

    /// <summary>Two libtorches in one process would each have tensors, types and devices of their own.</summary>
    [Fact]
    public void OneLibTorch_IsLoaded()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(3f, torch.ones(3).sum().item<float>());
        string[] folders =
        [
            .. File.ReadLines("/proc/self/maps")
                .Where(static line => line.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal))
                .Select(static line => Path.GetDirectoryName(line[line.IndexOf('/', StringComparison.Ordinal)..])!)
                .Distinct(),
        ];
        Assert.Single(folders);
    }

    /// <summary>An application that is published without libtorch, and another place that has one.</summary>
    [Theory]
    [InlineData("torch/lib")]
    [InlineData("torch")]
    public async Task AChosenLibTorch_ServesAnApplicationWithoutOne(string named)
    {
        var folder = Directory.CreateTempSubdirectory("descent-test-");
        try
        {
            string native = Path.GetDirectoryName(NativeFolders.Find(NativeFolders.OfThisProcess(), "libtorch_cpu.so"))!;
            string application = folder.CreateSubdirectory("application").FullName;
            foreach (string file in Directory.EnumerateFiles(Here).Where(static file => file.EndsWith(".dll", StringComparison.Ordinal) || file.EndsWith(".runtimeconfig.json", StringComparison.Ordinal))
                .Append(NativeFolders.Find(NativeFolders.OfThisProcess(), "libLibTorchSharp.so")!))
            {
                File.Copy(file, Path.Combine(application, Path.GetFileName(file)));
            }

            folder.CreateSubdirectory("torch");
            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "torch", "lib"), native);

            (int code, string output) = await RunChild(nameof(OneLibTorch_IsLoaded), Path.Combine(folder.FullName, named), application);
            Assert.True(code == 0, output);
            (code, output) = await RunChild(nameof(OneLibTorch_IsLoaded), "", application);
            Assert.NotEqual(0, code);
            Assert.Contains("PackageReference Include=\"libtorch-cpu-linux-x64\"", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task AChosenLibTorch_BesideTheApplicationsOwn_IsAMistake()
    {
        var folder = Directory.CreateTempSubdirectory("descent-test-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "libtorch_cpu.so"), "");
            (int code, string output) = await RunChild(nameof(OneLibTorch_IsLoaded), folder.FullName);
            Assert.NotEqual(0, code);
            Assert.Contains("the application carries a libtorch of its own, " + Here, output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task AChosenFolderWithoutLibTorch_IsAMistake()
    {
        (int code, string output) = await RunChild(nameof(OneLibTorch_IsLoaded), "/nonexistent/torch");
        Assert.NotEqual(0, code);
        Assert.Contains("DESCENT_LIBTORCH is '/nonexistent/torch', where there is no libtorch_cpu.so.", output, StringComparison.Ordinal);
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
    [InlineData("/x/a.so: undefined symbol: _ZN2at3fooEv", "built for libtorch 2.10.0")]
    [InlineData("/x/a.so: file too short", "damaged")]
    public void Explain_TurnsTheLinkersWordsIntoARemedy(string linker, string expected)
    {
        var message = NativeLoader.Explain("/x/a.so", linker).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(linker, message, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunChild(string test, string? libTorch = null, string? application = null)
    {
        var start = new ProcessStartInfo(application is null ? Environment.ProcessPath! : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Here,
            Environment = { ["HOME"] = "/nonexistent", ["XDG_CACHE_HOME"] = "/nonexistent", ["TMPDIR"] = "/proc", ["DOTNET_EnableDiagnostics"] = "0" },
        };
        if (libTorch is not null)
        {
            start.Environment[NativeFolders.Variable] = libTorch;
        }

        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(application ?? Here, Path.GetFileName(typeof(NativeLoadingTests).Assembly.Location)));
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
