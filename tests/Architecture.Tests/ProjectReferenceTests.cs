using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>The arrows between projects, as docs/architecture.md draws them. A new arrow is a line here, and a reason in that page.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Descent.Optimizers"] = [],
        ["Descent.Journal"] = [],
        ["Descent.Tuning"] = ["Descent.Journal"],
        ["Descent.Torch"] = ["Descent.Optimizers"],
        ["Descent.Gpu"] = ["Descent.Torch", "Descent.Optimizers"],
        ["Descent.Training"] = ["Descent.Torch", "Descent.Optimizers", "Descent.Journal"],
        ["Descent.Dashboard"] = ["Descent.Journal"],
        ["Descent.Testing"] = ["Descent.Optimizers", "Descent.Tuning", "Descent.Journal"],
        ["Descent.Cli"] =
        [
            "Descent.Optimizers", "Descent.Journal", "Descent.Tuning", "Descent.Torch", "Descent.Training", "Descent.Dashboard", "Descent.Gpu",
        ],
    };

    public static TheoryData<string> Projects =>
        [.. Checkout.Sources("src", "*.csproj").Select(static file => Path.GetFileNameWithoutExtension(file))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_PointsOnlyWhereTheDesignAllows(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is new: say in this test, and in docs/architecture.md, what it may depend on.");
        string[] references = References(project, "ProjectReference");
        Assert.True(
            references.All(Allowed[project].Contains),
            $"{project} refers to {string.Join(", ", references.Except(Allowed[project]))}; allowed: {string.Join(", ", Allowed[project])}.");
    }

    [Fact]
    public void Optimizers_DependOnTheBaseClassLibraryOnly()
    {
        Assert.Empty(References("Descent.Optimizers", "PackageReference"));
        Assert.Empty(References("Descent.Optimizers", "FrameworkReference"));
        Assert.All(
            typeof(Descent.Optimizers.OptimizerCatalog).Assembly.GetReferencedAssemblies(),
            static assembly => Assert.StartsWith("System.", assembly.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void Optimizers_AreCheckedForAheadOfTimeCompilation() =>
        Assert.Contains("<IsAotCompatible>true</IsAotCompatible>", Checkout.Read("src/Descent.Optimizers/Descent.Optimizers.csproj"), StringComparison.Ordinal);

    /// <summary>Tuning stands on its own: no tensor, no run file, nothing but a journal.</summary>
    [Fact]
    public void Tuning_DependsOnTheJournalOnly()
    {
        Assert.Equal(["Descent.Journal"], References("Descent.Tuning", "ProjectReference"));
        Assert.Empty(References("Descent.Tuning", "PackageReference"));
        Assert.Equal(["Microsoft.Data.Sqlite", "Npgsql"], References("Descent.Journal", "PackageReference"));
    }

    [Fact]
    public void EveryProject_IsInTheSolution()
    {
        string solution = Checkout.Read("Descent.slnx");
        string[] projects = [.. ((string[])["src", "tests", "bench", "examples", "tools"]).SelectMany(static folder => Checkout.Sources(folder, "*.csproj"))];
        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    private static string[] References(string project, string kind) =>
        [.. XDocument.Parse(Checkout.Read($"src/{project}/{project}.csproj"))
            .Descendants(kind)
            .Select(static reference => reference.Attribute("Include")?.Value)
            .OfType<string>()
            .Select(Name)];

    private static string Name(string include) =>
        include.EndsWith(".csproj", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(include.Replace('\\', '/')) : include;
}
