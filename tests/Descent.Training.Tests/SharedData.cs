namespace Descent.Training.Tests;

/// <summary>Real data that may lie beside the checkout; a test that needs it is skipped where it doesn't.</summary>
internal static class SharedData
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A folder or file under <c>shared/data</c> beside the repository root; skips the running test where it is missing.</summary>
    public static string Folder(string relativePath)
    {
        string path = Path.Combine(Root, "..", "shared", "data", relativePath);
        Assert.SkipUnless(Directory.Exists(path) || File.Exists(path), $"{relativePath} is not beside the checkout (../shared/data).");
        return path;
    }

    private static string FindRoot()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Descent.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        return root ?? ".";
    }
}
