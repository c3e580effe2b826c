namespace Architecture.Tests;

/// <summary>The files of the checkout, read as text: the rules here are about source, not about loaded assemblies.</summary>
internal static class Checkout
{
    private static readonly string[] Built = ["bin", "obj"];

    public static string Root { get; } = FindRoot();

    /// <summary>Source files under a folder, without build output.</summary>
    public static IReadOnlyList<string> Sources(string folder, string pattern = "*.cs")
    {
        string path = Path.Combine(Root, folder);
        return !Directory.Exists(path)
            ? []
            : [.. Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories)
                .Select(static file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
                .Where(static file => !file.Split('/').Any(Built.Contains))
                .Order(StringComparer.Ordinal)];
    }

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Descent.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Descent.slnx.");
    }
}
