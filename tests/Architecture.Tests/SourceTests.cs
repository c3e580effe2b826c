using System.Text.RegularExpressions;
using Descent.Optimizers;

namespace Architecture.Tests;

/// <summary>The house rules that a compiler doesn't know.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 500;

    /// <summary>Files that may be longer than the rest, and why.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    /// <summary>Files that may hold several public types, and why.</summary>
    private static readonly Dictionary<string, string> SharedFiles = new()
    {
        ["src/Descent.Training/Losses/LossValue.cs"] = "a loss and its terms: the term is one line and means nothing alone",
    };

    private static IEnumerable<string> All =>
        ((string[])["src", "tests", "bench", "examples", "tools"]).SelectMany(static folder => Checkout.Sources(folder));

    [Fact]
    public void Files_AreShort()
    {
        string[] tooLong = [.. All.Where(static file => !LongFiles.ContainsKey(file) && Checkout.Read(file).Count(static c => c == '\n') > LongestFile)];
        Assert.True(tooLong.Length == 0, $"Longer than {LongestFile} lines: {string.Join(", ", tooLong)}. Split them by idea.");
    }

    /// <summary>An enumeration may stand beside the type that it sets.</summary>
    [Fact]
    public void PublicTypes_HaveFilesOfTheirOwn()
    {
        string[] shared =
        [
            .. Checkout.Sources("src")
                .Where(static file => !SharedFiles.ContainsKey(file) && PublicType().Count(Checkout.Read(file)) > 1),
        ];
        Assert.True(shared.Length == 0, $"More than one public type: {string.Join(", ", shared)}. Give each its own file.");
    }

    [Fact]
    public void RuleFiles_HaveNoLoops()
    {
        IReadOnlyList<string> rules = Checkout.Sources("src/Descent.Optimizers/Rules");
        Assert.NotEmpty(rules);
        Assert.DoesNotContain(rules, static file => Loop().IsMatch(Checkout.Read(file)));
    }

    [Fact]
    public void RuleFiles_FitAScreenOrTwo() =>
        Assert.DoesNotContain(
            Checkout.Sources("src/Descent.Optimizers/Rules"),
            static file => Checkout.Read(file).Count(static c => c == '\n') > 160);

    /// <summary>Every rule file's options stand in the catalog: what a newcomer forgets.</summary>
    [Fact]
    public void RuleFiles_AreInTheCatalog()
    {
        string catalog = Checkout.Read("src/Descent.Optimizers/OptimizerCatalog.cs");
        IEnumerable<string> options = Checkout.Sources("src/Descent.Optimizers/Rules")
            .SelectMany(static file => OptionsType().Matches(Checkout.Read(file)).Select(static match => match.Groups[1].Value));
        Assert.All(options, name => Assert.Contains($"new {name}", catalog, StringComparison.Ordinal));
    }

    /// <summary>What lies in Contrib is advised as such, so that nobody compares it unasked.</summary>
    [Fact]
    public void ContribRules_AreAdvisedAsContrib()
    {
        string[] contrib = [.. Checkout.Sources("src/Descent.Optimizers/Contrib").SelectMany(static file => Kind().Matches(Checkout.Read(file)).Select(static match => match.Groups[1].Value))];
        Assert.NotEmpty(contrib);
        Assert.Equal(contrib.Order(StringComparer.Ordinal), OptimizerCatalog.Names.Where(static name => TuningAdviceCatalog.Of(name).IsContrib).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ScheduleFiles_AreInTheCatalog()
    {
        string catalog = Checkout.Read("src/Descent.Optimizers/Schedules/ScheduleCatalog.cs");
        IEnumerable<string> schedules = Checkout.Sources("src/Descent.Optimizers/Schedules")
            .SelectMany(static file => ScheduleType().Matches(Checkout.Read(file)).Select(static match => match.Groups[1].Value));
        Assert.All(schedules, name => Assert.Contains($"new {name}()", catalog, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Samplers", "Sampler")]
    [InlineData("Pruners", "Pruner")]
    public void SamplersAndPruners_AreInTheirCatalogs(string folder, string kind)
    {
        string catalog = Checkout.Read($"src/Descent.Tuning/{folder}/{kind}Catalog.cs");
        string[] names = [.. Checkout.Sources($"src/Descent.Tuning/{folder}").SelectMany(file => Regex.Matches(Checkout.Read(file), $@"\bsealed (?:class|record) (\w+{kind})\b.*: I{kind}\b").Select(static match => match.Groups[1].Value))];
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Matches($@"\b{name}\b", catalog));
    }

    [GeneratedRegex(@"^public (?:static |sealed |abstract |readonly |unsafe |partial |ref )*(?:class|record struct|record|struct|interface|delegate) ", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\b(?:for|foreach|while)\s*\(|\bdo\s*\{")]
    private static partial Regex Loop();

    [GeneratedRegex(@"sealed record (\w+Options)\b.*: OptimizerOptions")]
    private static partial Regex OptionsType();

    [GeneratedRegex(@"override string Kind => ""(\w+)""")]
    private static partial Regex Kind();

    [GeneratedRegex(@"sealed record (\w+Schedule) : Schedule")]
    private static partial Regex ScheduleType();
}
