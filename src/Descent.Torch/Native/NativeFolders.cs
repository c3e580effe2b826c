using TorchSharp;

namespace Descent.Torch;

/// <summary>Where the native libraries of an application may lie, in the order of search.</summary>
internal static class NativeFolders
{
    /// <summary>The environment variable that names another libtorch than the application's.</summary>
    public const string Variable = "DESCENT_LIBTORCH";

    private const string Runtime = "runtimes/linux-x64/native";

    /// <summary>The folder of libraries that <see cref="Variable"/> names, directly or as <c>lib</c> below; null where it isn't set.</summary>
    /// <exception cref="DllNotFoundException">There is no libtorch in it.</exception>
    public static string? Chosen()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } named)
        {
            return null;
        }

        string[] places = [Path.GetFullPath(named), Path.Combine(Path.GetFullPath(named), "lib")];
        return places.FirstOrDefault(static place => File.Exists(Path.Combine(place, "libtorch_cpu.so"))) ?? throw new DllNotFoundException(
            $"{Variable} is '{named}', where there is no libtorch_cpu.so. Name the folder of libtorch's libraries, such as torch/lib of an installed PyTorch, "
            + "or unset the variable to use the application's own.");
    }

    /// <summary>
    /// The host's list (from <c>deps.json</c>: the output folder, the package cache or a single file's extraction), the folders of the
    /// application and of TorchSharp flat (publish for one runtime) and with their <c>runtimes</c> below (build, portable publish), and last
    /// the NuGet cache (scripts, which have no <c>deps.json</c>).
    /// </summary>
    public static IReadOnlyList<string> OfThisProcess()
    {
        List<string> folders = [.. Host()];
        AddWithRuntimes(folders, AppContext.BaseDirectory);
        var torchSharp = typeof(torch).Assembly;
        if (Path.GetDirectoryName(torchSharp.Location) is { Length: > 0 } beside)
        {
            AddWithRuntimes(folders, beside);
            folders.Add(Path.GetFullPath(Path.Combine(beside, "../..", Runtime))); // lib/net8.0 of the package itself
        }

        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } configured
            ? configured
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        folders.Add(Path.Combine(packages, "torchsharp", NativeLoader.TorchSharpVersion, Runtime));
        folders.Add(Path.Combine(packages, NativeLoader.CpuPackage, NativeLoader.LibTorchVersion, Runtime));
        return [.. folders.Select(Path.TrimEndingDirectorySeparator).Distinct()];
    }

    /// <summary>
    /// The file that the runtime finds when TorchSharp asks for a library by name, as it does for libtorch before its first tensor; null where there is none, and the one
    /// that is loaded serves.
    /// </summary>
    public static string? FoundByTorchSharp(string file) =>
        Find([.. Host(), .. Path.GetDirectoryName(typeof(torch).Assembly.Location) is { Length: > 0 } beside ? [beside] : (string[])[]], file);

    /// <summary>Whether two names lead to one file.</summary>
    public static bool IsSame(string one, string other) => Target(one) == Target(other);

    private static string Target(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    private static string[] Host() =>
        AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string host ? host.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) : [];

    private static void AddWithRuntimes(List<string> folders, string root)
    {
        folders.Add(Path.GetFullPath(root));
        folders.Add(Path.GetFullPath(Path.Combine(root, Runtime)));
    }

    /// <summary>The first folder's file of that name, or null.</summary>
    public static string? Find(IReadOnlyList<string> folders, string file) =>
        folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
}
