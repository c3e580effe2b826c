using System.Runtime.InteropServices;
using TorchSharp;

namespace Descent.Torch;

/// <summary>The plain load, the load of a corrected copy, and the one message when neither works.</summary>
internal static partial class NativeLoader
{
    public const string TorchSharpVersion = "0.107.0";
    public const string LibTorchVersion = "2.10.0";
    public const string CpuPackage = "libtorch-cpu-linux-x64";

    private const string Bridge = "libLibTorchSharp.so";

    // In the order of their dependencies; each finds the rest beside it ($ORIGIN), and the bridge finds all of them by name once they are loaded.
    private static readonly string[] LibTorch = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    /// <summary>Handle of TorchSharp's bridge, for exports looked up by name.</summary>
    public static nint BridgeHandle { get; private set; }

    public static void Load(IReadOnlyList<string> folders)
    {
        if (NativeFolders.Chosen() is { } chosen)
        {
            BridgeHandle = LoadChosen(chosen, folders);
            return;
        }

        // As TorchSharp does it: libtorch first, else the bridge may not find it.
        var torchSharp = typeof(torch).Assembly;
        if (NativeLibrary.TryLoad("torch_cpu", torchSharp, null, out _) && NativeLibrary.TryLoad("LibTorchSharp", torchSharp, null, out var handle))
        {
            BridgeHandle = handle;
            return;
        }

        BridgeHandle = LoadCorrected(folders);
    }

    /// <summary>libtorch from one folder, then the bridge of the application.</summary>
    private static nint LoadChosen(string chosen, IReadOnlyList<string> folders)
    {
        if (NativeFolders.FoundByTorchSharp(LibTorch[1]) is { } carried && !NativeFolders.IsSame(carried, Path.Combine(chosen, LibTorch[1])))
        {
            throw new DllNotFoundException(
                $"{NativeFolders.Variable} names {chosen}, but the application carries a libtorch of its own, {carried}, and TorchSharp would load both. " +
                $"Build the application without the package {CpuPackage}, or unset the variable.");
        }

        LoadLibTorch([chosen]);
        string bridge = FindBridge(folders);
        return NativeLibrary.TryLoad(bridge, out nint handle) ? handle : LoadBridge(bridge);
    }

    /// <summary>libtorch by full path, then the corrected copy of the bridge.</summary>
    internal static nint LoadCorrected(IReadOnlyList<string> folders)
    {
        LoadLibTorch(folders);
        return LoadBridge(FindBridge(folders));
    }

    private static void LoadLibTorch(IReadOnlyList<string> folders)
    {
        foreach (var library in LibTorch)
        {
            var path = NativeFolders.Find(folders, library) ?? throw Missing(
                library,
                $"add <PackageReference Include=\"{CpuPackage}\" Version=\"{LibTorchVersion}\" /> to the application's project " +
                "(or the CUDA bundle TorchSharp-cuda-linux)",
                folders);
            LoadFile(path);
        }
    }

    private static string FindBridge(IReadOnlyList<string> folders) =>
        NativeFolders.Find(folders, Bridge) ?? throw Missing(
            Bridge,
            $"add <PackageReference Include=\"TorchSharp\" Version=\"[{TorchSharpVersion}]\" /> to the application's project, and publish its native files with it",
            folders);

    internal static nint LoadBridge(string path)
    {
        byte[] image;
        try
        {
            image = VersionNeeds.Relax(File.ReadAllBytes(path));
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Damaged(path, problem.Message);
        }

        return LoadFromMemory(path, image);
    }

    /// <summary>
    /// A file in memory needs no writable folder, leaves nothing behind and can't be tampered with. The runtime itself maps its
    /// compiled code from one, so wherever .NET runs, this is allowed.
    /// </summary>
    private static nint LoadFromMemory(string source, ReadOnlySpan<byte> image)
    {
        const uint closeOnExec = 1;
        using var file = new Microsoft.Win32.SafeHandles.SafeFileHandle(memfd_create(Bridge, closeOnExec), ownsHandle: true);
        if (file.IsInvalid)
        {
            throw new DllNotFoundException($"The system refused a file in memory for {source}: {Marshal.GetLastPInvokeErrorMessage()}. " +
                "Allow the system call memfd_create (a sandbox's rule forbids it).");
        }

        RandomAccess.Write(file, image, 0);
        return LoadFile($"/proc/self/fd/{file.DangerousGetHandle()}", source);
    }

    private static nint LoadFile(string path, string? source = null)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
        {
            throw Explain(source ?? path, problem.Message);
        }
    }

    /// <summary>The dynamic linker's message, turned into what to do about it.</summary>
    internal static DllNotFoundException Explain(string path, string linkerMessage)
    {
        var detail = string.Join(' ', linkerMessage.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct());
        if (detail.Contains("version `GLIBC", StringComparison.Ordinal) || detail.Contains("version `CXXABI", StringComparison.Ordinal))
        {
            return new DllNotFoundException($"This system's C or C++ library is too old for {path}. Needed: glibc 2.34 and the C++ library of GCC 11 " +
                $"or newer, as in Debian 12, Ubuntu 22.04 and RHEL 9. The linker says: {detail}");
        }

        if (detail.Contains("undefined symbol", StringComparison.Ordinal))
        {
            return new DllNotFoundException($"{path} doesn't fit the libtorch that is loaded: TorchSharp {TorchSharpVersion} is built for libtorch {LibTorchVersion}. " +
                $"Use that version; where {NativeFolders.Variable} is set, it names another. The linker says: {detail}");
        }

        return detail.Contains("cannot open shared object file", StringComparison.Ordinal) && !detail.Contains(path + ": cannot open", StringComparison.Ordinal)
            ? new DllNotFoundException($"A library that {path} needs is missing: install it with the system's package manager. The linker says: {detail}")
            : Damaged(path, detail);
    }

    private static DllNotFoundException Damaged(string path, string detail) =>
        new($"{path} cannot be read as a library; it is probably damaged. Delete that package's folder in the NuGet cache " +
            $"(~/.nuget/packages) and the application's bin and obj folders, and restore again. Details: {detail}");

    private static DllNotFoundException Missing(string library, string remedy, IReadOnlyList<string> folders) =>
        new($"The native library {library} was not found: {remedy}. Searched: {string.Join(", ", folders)}.");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint memfd_create(string name, uint flags);
}
