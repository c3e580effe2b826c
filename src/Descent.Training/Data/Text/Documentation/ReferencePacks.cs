using System.Runtime.InteropServices;

namespace Descent.Training.Data;

/// <summary>Finds the XML documentation that the .NET SDK brings for its reference assemblies: <c>packs/*/*/ref/*/*.xml</c> beside <c>dotnet</c>.</summary>
internal static class ReferencePacks
{
    /// <summary>The documentation files, each name once (packs repeat one another), in the order of names.</summary>
    /// <exception cref="BadInputException">There are none on this machine.</exception>
    public static string[] Find()
    {
        string[] roots = [.. Roots().Distinct(StringComparer.Ordinal)];
        foreach (string root in roots)
        {
            string[] files = FilesBelow(Path.Combine(root, "packs"));
            if (files.Length > 0)
            {
                return files;
            }
        }

        throw new BadInputException(
            "the built-in default text is the XML documentation of the .NET SDK (packs/*/*/ref/*/*.xml beside dotnet), and there is none under "
            + $"{string.Join(", ", roots)}; give a text file or folder with --data");
    }

    /// <summary>The documentation files below one folder of packs, the newest version of each name.</summary>
    /// <param name="packs">The folder; need not exist.</param>
    internal static string[] FilesBelow(string packs)
    {
        if (!Directory.Exists(packs))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories(packs)
            .SelectMany(pack => Directory.EnumerateDirectories(pack))
            .Select(version => Path.Combine(version, "ref"))
            .Where(Directory.Exists)
            .SelectMany(reference => Directory.EnumerateDirectories(reference))
            .SelectMany(framework => Directory.EnumerateFiles(framework, "*.xml"))
            .GroupBy(file => Path.GetFileName(file), StringComparer.Ordinal)
            .OrderBy(files => files.Key, StringComparer.Ordinal)
            .Select(files => files.OrderBy(VersionOf).ThenBy(file => file, StringComparer.Ordinal).Last())];
    }

    private static Version VersionOf(string file)
    {
        // …/packs/<pack>/<version>/ref/<framework>/<file>
        string version = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(file)))!)!;
        return Version.TryParse(version.Split('-')[0], out Version? parsed) ? parsed : new Version(0, 0);
    }

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } variable)
        {
            yield return variable;
        }

        // <root>/shared/Microsoft.NETCore.App/<version>/
        yield return Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        if (Environment.ProcessPath is { } host && RealFolder(host) is { } hostFolder)
        {
            yield return hostFolder;
        }

        string command = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (RealFolder(Path.Combine(folder, command)) is { } commandFolder)
            {
                yield return commandFolder;
            }
        }
    }

    private static string? RealFolder(string file) => File.Exists(file)
        ? Path.GetDirectoryName(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(file))
        : null;
}
