using Descent.Optimizers;

namespace Descent.Training.Data;

/// <summary>What every column of a table means; inferred from the training file, applied to any file with the same columns.</summary>
internal sealed class TableSchema
{
    private const int MaximumCategories = 256;
    private const int MaximumClasses = 10_000;
    private const int MostWholeNumbersAsClasses = 32;

    private readonly CsvDataOptions _options;
    private readonly string[] _names;
    private readonly TableColumn[] _features;
    private readonly Dictionary<string, int> _classes;

    private TableSchema(CsvDataOptions options, string[] names, TableColumn[] features, TableTarget target)
    {
        (_options, _names, _features, Target) = (options, names, features, target);
        _classes = (target.Classes ?? []).Select((name, number) => (name, number)).ToDictionary(StringComparer.Ordinal);
        FeatureCount = features.Sum(column => column.Categories?.Count ?? 1);
    }

    /// <summary>The column to predict.</summary>
    public TableTarget Target { get; }

    /// <summary>Numbers a row becomes.</summary>
    public int FeatureCount { get; }

    /// <summary>Places in a row's features that hold numbers and not categories.</summary>
    public IEnumerable<int> NumericFeatures
    {
        get
        {
            int place = 0;
            foreach (TableColumn column in _features)
            {
                if (column.Categories is null)
                {
                    yield return place;
                }

                place += column.Categories?.Count ?? 1;
            }
        }
    }

    /// <summary>Scans all cells and decides.</summary>
    /// <param name="source">The training file.</param>
    /// <param name="options">Target, task and columns to leave out.</param>
    /// <exception cref="BadInputException">A column is unknown, a cell is empty or not a number where it must be one, or there is nothing to learn.</exception>
    public static TableSchema Infer(CsvSource source, CsvDataOptions options)
    {
        int targetIndex = options.Target is null ? source.Columns.Length - 1 : IndexOf(source, options.Target, "data.target");
        var ignored = options.Ignore.Select(name => IndexOf(source, name, "data.ignore")).ToHashSet();
        if (ignored.Contains(targetIndex))
        {
            throw new BadInputException($"data.ignore names the target column '{source.Columns[targetIndex]}'; leave it out there");
        }

        TableColumn[] columns = [.. source.Columns
            .Select((name, index) => new TableColumn(name, index, index == targetIndex ? MaximumClasses : MaximumCategories))
            .Where(column => !ignored.Contains(column.Index))];
        int rows = Scan(source, columns);
        if (rows < 2)
        {
            throw new BadInputException($"{source.Path}: {rows} rows; at least 2 are needed, one to train on and one to validate");
        }

        TableColumn[] features = [.. columns.Where(column => column.Index != targetIndex)];
        if (features.Length == 0)
        {
            throw new BadInputException($"{source.Path}: no column is left beside the target '{source.Columns[targetIndex]}'; give at least one feature");
        }

        foreach (TableColumn column in features)
        {
            DecideFeature(source, column);
        }

        return new TableSchema(options, source.Columns, features, DecideTarget(source, columns.Single(column => column.Index == targetIndex), options.Task));
    }

    /// <summary>Reads a file with these columns.</summary>
    /// <param name="source">The file.</param>
    /// <exception cref="BadInputException">Columns differ, or a cell can't be used.</exception>
    public Table Read(CsvSource source)
    {
        if (!source.Columns.AsSpan().SequenceEqual(_names))
        {
            throw new BadInputException(
                $"{source.Path}: columns {string.Join(", ", source.Columns)}; allowed are those of the training file, {string.Join(", ", _names)}");
        }

        var features = new List<double>();
        var labels = new List<long>();
        var values = new List<double>();
        int rows = 0;
        foreach ((long line, string[] cells) in source.Rows())
        {
            foreach (TableColumn column in _features)
            {
                AppendFeature(features, source, line, column, cells[column.Index]);
            }

            if (Target.Classes is null)
            {
                values.Add(Number(source, line, Target.Name, cells[Target.Index]));
            }
            else
            {
                labels.Add(Class(source, line, cells[Target.Index]));
            }

            rows++;
        }

        return rows > 0 ? new Table(rows, [.. features], [.. labels], [.. values]) : throw new BadInputException($"{source.Path} has no rows; give at least one");
    }

    /// <summary>The shape of the samples.</summary>
    /// <param name="scaling">How targets were standardized.</param>
    public DataShape Shape(Standardization scaling) => new()
    {
        Task = Target.Classes is null ? TaskKind.Regression : TaskKind.Classification,
        InputShape = [FeatureCount],
        Outputs = Target.Classes?.Count ?? 1,
        ClassNames = Target.Classes,
        TargetMean = scaling.TargetMean,
        TargetScale = scaling.TargetScale,
    };

    internal static int IndexOf(CsvSource source, string name, string option)
    {
        int index = Array.IndexOf(source.Columns, name);
        return index >= 0
            ? index
            : throw new BadInputException(
                $"{option}: {source.Path} has no column '{name}'{(NearestName.Of(name, source.Columns) is { } nearest && NearestName.IsNear(name, nearest) ? $"; did you mean '{nearest}'? Its" : "; its")} columns are {string.Join(", ", source.Columns)}");
    }

    private static int Scan(CsvSource source, TableColumn[] columns)
    {
        int rows = 0;
        foreach ((long line, string[] cells) in source.Rows())
        {
            foreach (TableColumn column in columns)
            {
                string cell = cells[column.Index];
                if (cell.Length == 0)
                {
                    throw new BadInputException($"{source.Path}, line {line}, column '{column.Name}': the cell is empty; fill it in, or leave out the row or (data.ignore) the column");
                }

                column.Observe(line, cell);
            }

            rows++;
        }

        return rows;
    }

    private static void DecideFeature(CsvSource source, TableColumn column)
    {
        if (column.IsNumeric)
        {
            RequireNumbers(source, column);
            return;
        }

        if (column.Distinct > MaximumCategories)
        {
            throw new BadInputException(
                $"{source.Path}, column '{column.Name}': more than {MaximumCategories} different texts, too many for categories; leave the column out with data.ignore");
        }

        column.UseCategories();
    }

    private static TableTarget DecideTarget(CsvSource source, TableColumn column, TableTask task)
    {
        // Classes may be numbers, but what is not finite among numbers is a value that is missing or went wrong, not a class.
        if (column is { IsNumeric: true, FirstNonFinite: (long line, string cell) })
        {
            throw NotFinite(source, line, column.Name, cell);
        }

        bool classes = task == TableTask.Classification
            || (task == TableTask.Auto && (!column.IsNumeric || (column.Texts == 0 && column.IsWhole && column.Distinct <= MostWholeNumbersAsClasses)));
        if (!classes)
        {
            RequireNumbers(source, column);
            return new TableTarget(column.Name, column.Index, Classes: null);
        }

        return column.Distinct switch
        {
            1 => throw new BadInputException($"{source.Path}, target column '{column.Name}': every row has the one class '{column.Values[0]}'; at least 2 are needed"),
            > MaximumClasses => throw new BadInputException(
                $"{source.Path}, target column '{column.Name}': more than {MaximumClasses} classes; set data.task to regression or name another column in data.target"),
            _ => new TableTarget(column.Name, column.Index, column.Values),
        };
    }

    private static void RequireNumbers(CsvSource source, TableColumn column)
    {
        if (column.Texts > 0)
        {
            throw new BadInputException(
                $"{source.Path}, line {column.FirstText.Line}, column '{column.Name}': '{column.FirstText.Cell}' is not a number, as {column.Numbers} of "
                + $"{column.Numbers + column.Texts} cells are; mend the cell, or leave out the row or (data.ignore) the column");
        }
    }

    private static void AppendFeature(List<double> features, CsvSource source, long line, TableColumn column, string cell)
    {
        if (column.Categories is null)
        {
            features.Add(Number(source, line, column.Name, cell));
            return;
        }

        // A text that the training file doesn't have is none of the categories: all 0.
        foreach (string category in column.Categories)
        {
            features.Add(category == cell ? 1 : 0);
        }
    }

    private static double Number(CsvSource source, long line, string column, string cell) =>
        TableColumn.TryNumber(cell, out double number) && double.IsFinite(number) && float.IsFinite((float)number)
            ? number
            : throw NotFinite(source, line, column, cell);

    private static BadInputException NotFinite(CsvSource source, long line, string column, string cell) => new(
        $"{source.Path}, line {line}, column '{column}': '{cell}' is not a finite number; mend the cell, or leave out the row or (data.ignore) the column");

    private long Class(CsvSource source, long line, string cell) => _classes.TryGetValue(cell, out int number)
        ? number
        : throw new BadInputException(
            $"{source.Path}, line {line}, target column '{Target.Name}': class '{cell}' is not in the training file; its classes are {string.Join(", ", Target.Classes!.Take(20))}");
}
