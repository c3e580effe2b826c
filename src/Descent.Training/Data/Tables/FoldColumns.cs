using System.Globalization;
using Descent.Training.Folds;

namespace Descent.Training.Data;

/// <summary>The columns of a table that say how it is divided: groups, or time.</summary>
internal sealed class FoldColumns
{
    private FoldColumns()
    {
    }

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];

    private string[]? Groups { get; init; }

    private double[]? Times { get; init; }

    /// <summary>Reads them.</summary>
    /// <param name="source">The table.</param>
    /// <param name="choice">Says which they are.</param>
    /// <param name="target">The target column; null: the last one.</param>
    /// <exception cref="BadInputException">There is no such column, or it can't serve.</exception>
    public static FoldColumns Of(CsvSource source, FoldChoice choice, string? target)
    {
        string? group = NameOf(choice, static folds => (folds as GroupedFoldOptions)?.Group, "group");
        string? time = NameOf(choice, static folds => (folds as TimeSeriesSplitOptions)?.Time, "time");
        return new FoldColumns
        {
            Names = [.. ((string?[])[group, time]).OfType<string>().Distinct(StringComparer.Ordinal)],
            Groups = group is null ? null : [.. Cells(source, group, "validation.folds.group", target).Select(static cell => cell.Text)],
            Times = time is null ? null : TimesOf(source, time, target),
        };
    }

    /// <summary>What splitters are told of the table's rows.</summary>
    public FoldSamples Describe(Table table) => new(table.Rows)
    {
        Labels = table.Labels.Length > 0 ? table.Labels : null,
        Groups = Groups,
        Times = Times,
    };

    // The inner folds may name another column than the outer ones; two columns of groups have no meaning.
    private static string? NameOf(FoldChoice choice, Func<FoldOptions, string?> name, string key)
    {
        string? outer = name(choice.Folds);
        string? inner = choice.Inner is { } folds ? name(folds) : null;
        return outer is not null && inner is not null && outer != inner
            ? throw new BadInputException($"validation.folds.{key} is '{outer}' and validation.inner_folds.{key} is '{inner}'; allowed: the same column")
            : outer ?? inner;
    }

    private static IEnumerable<(long Line, string Text)> Cells(CsvSource source, string name, string key, string? target)
    {
        int index = TableSchema.IndexOf(source, name, key);
        if (name == (target ?? source.Columns[^1]))
        {
            throw new BadInputException($"{key} is '{name}', the target column; name the column that tells {(key.EndsWith("time", StringComparison.Ordinal) ? "when a row was taken" : "groups of rows apart")}");
        }

        return source.Rows().Select(row => (row.Line, row.Cells[index]));
    }

    private static double[] TimesOf(CsvSource source, string name, string? target)
    {
        (long Line, string Text)[] cells = [.. Cells(source, name, "validation.folds.time", target)];
        bool numbers = cells.Count(static cell => TableColumn.TryNumber(cell.Text, out _)) > cells.Length / 2;
        return Array.ConvertAll(cells, cell =>
            numbers && TableColumn.TryNumber(cell.Text, out double number) && double.IsFinite(number) ? number
            : !numbers && DateTimeOffset.TryParse(cell.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) ? date.UtcTicks
            : throw new BadInputException(
                $"{source.Path}, line {cell.Line}, column '{name}': '{cell.Text}' is not a {(numbers ? "finite number" : "date")}, as validation.folds.time needs it; allowed: numbers, or dates such as 2026-01-31"));
    }
}
