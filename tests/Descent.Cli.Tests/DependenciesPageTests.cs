using System.Text.RegularExpressions;

namespace Descent.Cli.Tests;

/// <summary>docs/dependencies.md says why each package is there: it must name them all.</summary>
public sealed partial class DependenciesPageTests
{
    [Fact]
    public void Page_NamesEveryPackageInUse()
    {
        string root = RepositoryRoot();
        string versions = File.ReadAllText(Path.Combine(root, "Directory.Packages.props"));
        string page = File.ReadAllText(Path.Combine(root, "docs", "dependencies.md"));

        // Plotly.Blazor is a download: its version is a property.
        string[] used = [.. PackageVersion().Matches(versions).Select(match => match.Groups[1].Value), "Plotly.Blazor"];
        string[] named = [.. FirstCell().Matches(page).Select(match => match.Groups[1].Value)];

        Assert.Empty(used.Except(named));
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Descent.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests must run from inside the repository.");
    }

    [GeneratedRegex("<PackageVersion Include=\"([^\"]+)\"")]
    private static partial Regex PackageVersion();

    [GeneratedRegex("^\\| `([^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex FirstCell();
}
