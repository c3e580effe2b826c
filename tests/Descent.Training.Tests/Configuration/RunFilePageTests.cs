using System.Collections;
using System.Globalization;
using System.Reflection;
using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Folds;
using Descent.Training.Initialization;
using Descent.Training.Losses;
using Descent.Training.Models;

namespace Descent.Training.Tests.Configuration;

/// <summary>docs/run-file.md says what the code does: the same sections, kinds, keys, values and defaults, and examples that parse.</summary>
public sealed class RunFilePageTests
{
    private static readonly string Root = FindRoot();

    private static readonly RunFilePage Page = new(Read(RunFilePage.File));

    private static readonly Dictionary<string, IReadOnlyList<string>> Kinds = new()
    {
        ["model"] = ModelCatalog.Names,
        ["data"] = DataCatalog.Names,
        ["optimizer"] = TrainingOptimizers.Names,
        ["schedule"] = ScheduleCatalog.Names,
        ["loss"] = LossCatalog.Names,
        ["average"] = AverageCatalog.Names,
    };

    public static TheoryData<string, string?> Tables
    {
        get
        {
            var tables = new TheoryData<string, string?>();
            foreach (string section in SectionBinder.PropertiesOf(EmptyRun()).Keys)
            {
                foreach (string? kind in Kinds.TryGetValue(section, out IReadOnlyList<string>? kinds) ? kinds.Cast<string?>() : [null])
                {
                    tables.Add(section, kind);
                }
            }

            return tables;
        }
    }

    [Fact]
    public void Sections_AreThoseOfARunFile() =>
        Assert.Equal(SectionBinder.PropertiesOf(EmptyRun()).Keys.Order(StringComparer.Ordinal), Page.Sections.Order(StringComparer.Ordinal));

    [Fact]
    public void Kinds_AreThoseOfTheCatalogs() =>
        Assert.All(Page.Sections, static section => Assert.Equal(
            Kinds.GetValueOrDefault(section, []).Order(StringComparer.Ordinal), Page.Kinds(section).Order(StringComparer.Ordinal)));

    [Theory]
    [MemberData(nameof(Tables))]
    public void Table_HasEveryKeyWithItsDefaultAndNoOther(string section, string? kind)
    {
        var expected = new SortedDictionary<string, (Type Type, object? Default)>(StringComparer.Ordinal);
        if (section == "seed")
        {
            expected["seed"] = (typeof(long), new TrainingOptions().Seed);
        }
        else
        {
            AddKeys(Options(section, kind), "", expected);
        }

        IReadOnlyList<RunFilePage.Row> rows = Page.Rows(section, kind);
        Assert.Equal(expected.Keys, rows.Select(static row => row.Key).Order(StringComparer.Ordinal));
        Assert.All(rows, row =>
        {
            (Type type, object? value) = expected[row.Key];
            Assert.Equal(Text(value), Normal(row.DefaultFor(kind), value));
            Assert.All(Names(type), name => Assert.Contains($"`{name}`", row.Meaning, StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData(RunFilePage.File)]
    [InlineData("README.md")]
    [InlineData("docs/validation.md")]
    [InlineData("docs/mup.md")]
    public void Examples_AreRunFiles(string file)
    {
        string[] examples = [.. RunFilePage.Examples(Read(file))];
        Assert.NotEmpty(examples);
        Assert.All(examples, example => RunFile.Parse(example, file));
    }

    [Fact]
    public void SectionsWithoutAKind_TakeTheDefaultsThePageNames()
    {
        Assert.Contains("`optimizer` without a kind is `adamw`, `schedule` without one is\n  `constant`", Read(RunFilePage.File), StringComparison.Ordinal);
        TrainingOptions bound = RunFile.Parse("model: mlp\ndata: csv\noptimizer: { learning_rate: 1 }\nschedule: { warmup_steps: 1 }", "run.yaml").Training;
        Assert.Equal(("adamw", "constant"), (bound.Optimizer.Kind, bound.Schedule.Kind));
    }

    [Fact]
    public void Folds_NamesEveryKind() => Assert.All(FoldCatalog.Names, static name => Assert.Contains(
        $"`{name}`", Page.Rows("validation", null).Single(static row => row.Key == "folds.kind").Meaning, StringComparison.Ordinal));

    private static RunConfiguration EmptyRun() => new() { Model = new MlpOptions(), Data = new CsvDataOptions() };

    private static object Options(string section, string? kind) => section switch
    {
        "model" => ModelCatalog.Create(kind!),
        "data" => DataCatalog.Create(kind!),
        "optimizer" => TrainingOptimizers.Create(kind!),
        "schedule" => ScheduleCatalog.Create(kind!),
        "loss" => LossCatalog.Create(kind!),
        "average" => AverageCatalog.Create(kind!),
        "initialization" => new InitializationOptions(),
        "stop" => new StopOptions(),
        "groups" => new ParameterGroup(),
        "schedules" => new ScheduledValue { Shape = new ConstantSchedule() },
        _ => typeof(TrainingOptions).GetProperties().Single(property => SnakeCase.Of(property.Name) == section).GetValue(new TrainingOptions())!,
    };

    /// <summary>The keys of a record, and below it those of sections within it.</summary>
    private static void AddKeys(object options, string path, SortedDictionary<string, (Type Type, object? Default)> keys)
    {
        foreach ((string key, (object owner, PropertyInfo property)) in SectionBinder.PropertiesOf(options))
        {
            keys.Add(path + key, (property.PropertyType, property.GetValue(owner)));
            if (property.PropertyType == typeof(FoldOptions) && key == "folds")
            {
                AddFolds($"{path}{key}.", keys);
            }

            if (property.PropertyType.Namespace == typeof(StopOptions).Namespace && property.PropertyType.IsClass)
            {
                AddKeys(Activator.CreateInstance(property.PropertyType)!, $"{path}{key}.", keys);
            }
        }
    }

    /// <summary>The keys that kinds of folds have, in one table: two of one name have one default.</summary>
    private static void AddFolds(string path, SortedDictionary<string, (Type Type, object? Default)> keys)
    {
        keys.Add(path + "kind", (typeof(string), null));
        foreach ((string key, (object owner, PropertyInfo property)) in FoldCatalog.Names.SelectMany(static name => SectionBinder.PropertiesOf(FoldCatalog.Create(name))))
        {
            (Type, object?) entry = (property.PropertyType, property.GetValue(owner));
            Assert.Equal(entry, keys.GetValueOrDefault(path + key, entry));
            keys[path + key] = entry;
        }
    }

    private static IEnumerable<string> Names(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } names ? Enum.GetNames(names).Select(SnakeCase.Of) : [];

    private static string? Text(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        Enum member => SnakeCase.Of(member.ToString()),
        OptimizerOptions rule => rule.Kind,
        string text => text.Length == 0 ? "\"\"" : text,
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>())}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"{value.GetType()} has no form in a run file."),
    };

    /// <summary>1e-3 and 0.001 are the same default.</summary>
    private static string? Normal(string? written, object? value) =>
        value is double && double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? Text(number) : written;

    private static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

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
