using System.Text.RegularExpressions;

namespace Descent.Optimizers.Tests.Examples;

/// <summary>The page on adding an optimizer quotes code that is compiled and passes the contract, word for word.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "adding-an-optimizer.md"));

    [Fact]
    public void Page_QuotesTheWorkedExample() => Assert.Contains(Between(Source("Examples/SignMomentum.cs"), "// <example>", "// </example>"), Page, StringComparison.Ordinal);

    [Fact]
    public void Page_QuotesTheTestLine()
    {
        string line = Blocks().Single(static block => block.StartsWith("yield", StringComparison.Ordinal));
        Assert.Contains(line, Source("Subjects.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_ShowsACatalogLineOfTheCatalogsForm()
    {
        // The example stays out of the catalog; its line has to look like one of Adam's.
        string line = Blocks().Single(static block => block.StartsWith("(\"", StringComparison.Ordinal));
        string catalog = File.ReadAllText(Path.Combine(Repository.Root, "src", "Descent.Optimizers", "OptimizerCatalog.cs"));
        Assert.Contains(line.Replace("sign_momentum", "adam", StringComparison.Ordinal).Replace("SignMomentum", "Adam", StringComparison.Ordinal), catalog, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_QuotesTheContractCall() =>
        Assert.Contains(nameof(Testing.OptimizerContract) + ".CheckAll(new SignMomentumOptions());", Blocks());

    [Fact]
    public void Page_NamesFilesThatExist()
    {
        foreach (string file in PathInText().Matches(Page).Select(static match => match.Groups[1].Value).Where(static file => !file.EndsWith(".json", StringComparison.Ordinal)))
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, file)), $"The page names {file}, which isn't there.");
        }
    }

    [Fact]
    public void WorkedExample_KeepsTheContract() => Testing.OptimizerContract.CheckAll(new SignMomentumOptions());

    private static string Source(string file) => File.ReadAllText(Path.Combine(Repository.Root, "tests", "Descent.Optimizers.Tests", file));

    private static string Between(string text, string from, string to)
    {
        int start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
        return text[start..text.IndexOf(to, StringComparison.Ordinal)].Trim();
    }

    private static IEnumerable<string> Blocks() => CodeBlock().Matches(Page).Select(static match => match.Groups[1].Value.Trim());

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"`((?:src|tests|docs)/[\w./-]+)`")]
    private static partial Regex PathInText();
}
