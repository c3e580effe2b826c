namespace Descent.Torch.Tests;

/// <summary>Where the checkout is.</summary>
internal static class Repository
{
    private static string Root { get; } = Find();

    public static string Golden(string name) => Path.Combine(Root, "tests", "Golden", name);

    private static string Find()
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
