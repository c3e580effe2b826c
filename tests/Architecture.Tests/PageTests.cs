using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Descent.Optimizers;

namespace Architecture.Tests;

/// <summary>What the pages say exists: the code they quote, the files they link to, the optimizers they name.</summary>
public sealed partial class PageTests
{
    public static TheoryData<string> Pages => ["README.md", "CONTRIBUTING.md", .. Checkout.Sources("docs", "*.md")];

    /// <summary>Every line of these pages' programs stands in an example, which is compiled and run.</summary>
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/tuning.md")]
    [InlineData("docs/validation.md")]
    public void Page_QuotesTheExamplesWordForWord(string page)
    {
        HashSet<string> lines = [.. Checkout.Sources("examples").SelectMany(static file => Checkout.Read(file).Split('\n')).Select(static line => line.Trim())];
        string[] quoted =
        [
            .. CSharp().Matches(Checkout.Read(page))
                .SelectMany(static block => block.Groups[1].Value.Split('\n'))
                .Select(static line => line.Trim())
                .Where(static line => line.Length > 0),
        ];
        Assert.NotEmpty(quoted);
        Assert.All(quoted, line => Assert.Contains(line, lines));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_PointToFilesOfTheCheckout(string page)
    {
        string folder = Path.Combine(Checkout.Root, Path.GetDirectoryName(page)!);
        string[] missing =
        [
            .. Link().Matches(Fence().Replace(Checkout.Read(page), ""))
                .Select(static match => match.Groups[1].Value)
                .Where(static target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#'))
                .Where(target => !Path.Exists(Path.Combine(folder, target.Split('#')[0]))),
        ];
        Assert.True(missing.Length == 0, $"{page} links to {string.Join(", ", missing)}, which don't exist.");
    }

    [Fact]
    public void Readme_NamesEveryOptimizerOfTheCatalogAndNoOther()
    {
        string table = OptimizerTable().Match(Checkout.Read("README.md")).Groups[1].Value;
        string[] kinds =
        [
            .. table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(static row => Name().Matches(row.Split('|')[2]).Select(static match => match.Groups[1].Value)),
        ];
        Assert.Equal(OptimizerCatalog.Names.Order(StringComparer.Ordinal), kinds.Order(StringComparer.Ordinal));
    }

    /// <summary>The figures of the page about cards are those of the records.</summary>
    [Theory]
    [InlineData("h100", "H100 80GB HBM3")]
    [InlineData("h200", "H200")]
    public void GpuPage_StatesTheRecordedFigures(string folder, string card)
    {
        using JsonDocument ours = Record("time.json"), theirs = Record("pytorch.json");
        JsonElement adamw = Named(ours.RootElement.GetProperty("rules"), "adamw");
        JsonElement copy = Named(ours.RootElement.GetProperty("copies"), "copy, 2 states");
        JsonElement fused = Named(theirs.RootElement.GetProperty("gpt2_small"), "_fused_adamw_");
        string row = Checkout.Read("docs/gpu.md").Split('\n').Single(line => line.StartsWith($"| {card} |", StringComparison.Ordinal));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| {Milliseconds(copy):F3} ms, "), row, StringComparison.Ordinal);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"{Milliseconds(adamw):F3} ms, {adamw.GetProperty("gigabytes_per_second").GetDouble():N0} GB/s: {adamw.GetProperty("of_copy").GetDouble():F3} × the copy"),
            row,
            StringComparison.Ordinal);
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"| {Milliseconds(fused):F3} ms: ours takes **{Milliseconds(adamw) / Milliseconds(fused):F2} ×**"), row, StringComparison.Ordinal);
        Assert.All(ours.RootElement.GetProperty("rules").EnumerateArray(), static rule => Assert.InRange(rule.GetProperty("of_copy").GetDouble(), 0.985, 1.025));
        Assert.Contains("676 comparisons of 3 steps with the scalar lane, 0 with a difference", Checkout.Read($"records/gpu/{folder}/check.txt"), StringComparison.Ordinal);

        JsonDocument Record(string file) => JsonDocument.Parse(Checkout.Read($"records/gpu/{folder}/{file}"));

        static JsonElement Named(JsonElement list, string name) => list.EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);

        static double Milliseconds(JsonElement timing) => timing.GetProperty("milliseconds").GetDouble();
    }

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\| optimizer \| `kind` \|.*\n\|[-|]+\n((?:\|.*\n)+)", RegexOptions.Multiline)]
    private static partial Regex OptimizerTable();

    /// <summary>A name in code marks; settings such as `amsgrad: true` are none.</summary>
    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Name();
}
