using TorchSharp;

namespace Descent.Torch;

/// <summary>Where the native libraries of an application may lie, in the order of search.</summary>
internal static class NativeFolders
{
    private const string Runtime = "runtimes/linux-x64/native";

    /// <summary>
    /// The host's list (from <c>deps.json</c>: the output folder, the package cache or a single file's extraction), the folders of the
    /// application and of TorchSharp flat (publish for one runtime) and with their <c>runtimes</c> below (build, portable publish), and last
    /// the NuGet cache (scripts, which have no <c>deps.json</c>).
    /// </summary>
    public static IReadOnlyList<string> OfThisProcess()
    {
        var folders = new List<string>();
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string host)
        {
            folders.AddRange(host.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        }

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

    private static void AddWithRuntimes(List<string> folders, string root)
    {
        folders.Add(Path.GetFullPath(root));
        folders.Add(Path.GetFullPath(Path.Combine(root, Runtime)));
    }

    /// <summary>The first folder's file of that name, or null.</summary>
    public static string? Find(IReadOnlyList<string> folders, string file) =>
        folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
}
