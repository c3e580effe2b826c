using Descent.Optimizers;
using Descent.Training.Folds;

namespace Descent.Training.Data;

/// <summary>
/// A table with one sample a row (<c>kind: csv</c>; <c>.gz</c> too): one column is the target, all others are features. Quoted fields may hold separators,
/// quotes and line breaks (RFC 4180).
/// </summary>
/// <remarks>
/// A column of which more than half of the cells are numbers is numeric; a cell of it that isn't one is an error, not a category. Numeric features are
/// standardized to mean 0 and deviation 1 over the training rows (a constant column becomes 0). Any other column is categorical: a 0/1 feature for each of its
/// values, at most 256. Held-out rows are chosen by seed, every class in proportion.
/// </remarks>
public sealed record CsvDataOptions : DataOptions
{
    /// <inheritdoc/>
    public override string Kind => "csv";

    /// <summary>Name of the target column; null is the last one.</summary>
    public string? Target { get; init; }

    /// <summary>Whether the target is a class or a number; default <see cref="TableTask.Auto"/>.</summary>
    public TableTask Task { get; init; }

    /// <summary>The one ASCII character between cells, or <c>tab</c>; null finds out from the first lines which of , ; | and tab it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The separator can't be one.</exception>
    public string? Separator
    {
        get;
        init => field = value == "tab" ? "\t" : value is null or [not ('"' or '\r' or '\n') and <= '~']
            ? value
            : throw Require.Outside(nameof(Separator), value, "one ASCII character such as ',' or ';', or 'tab'");
    }

    /// <summary>Whether the first row names the columns; default true. Without names, columns are called 1, 2, 3 ….</summary>
    public bool Header { get; init; } = true;

    /// <summary>Names of columns to leave out.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>
    /// Standardizes a number to predict like the features; default true. <see cref="DataShape.TargetMean"/> and <see cref="DataShape.TargetScale"/> lead back to its own
    /// unit.
    /// </summary>
    public bool StandardizeTarget { get; init; } = true;

    /// <summary>Decides which rows are held out; default 0. Not the run's seed, so that runs with different seeds are compared on the same rows.</summary>
    public long SplitSeed { get; init; }

    /// <inheritdoc/>
    public override DataSplit Open(IProgress<string>? progress = null)
    {
        string path = Path ?? throw new BadInputException("data.path is missing; give the path of a CSV file");
        progress?.Report($"reading {path}");
        var training = new CsvSource(path, "data.path", this);
        var schema = TableSchema.Infer(training, this);
        Table table = schema.Read(training);
        if (ValidationPath is null)
        {
            (int[] kept, int[] heldOut) = StratifiedSplit.Choose(table.Rows, table.Labels, Validation, SplitSeed);
            return Split(schema, path, table, kept, table, heldOut) with { ValidationRows = heldOut };
        }

        progress?.Report($"reading {ValidationPath}");
        Table validation = schema.Read(new CsvSource(ValidationPath, "data.validation_path", this));
        return Split(schema, path, table, AllRows(table), validation, AllRows(validation));
    }

    /// <inheritdoc/>
    public override DataSplit Open(FoldChoice fold, IProgress<string>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(fold);
        RequireNoValidationPath();
        string path = Path ?? throw new BadInputException("data.path is missing; give the path of a CSV file");
        progress?.Report($"reading {path}");
        var source = new CsvSource(path, "data.path", this);
        var columns = FoldColumns.Of(source, fold, Target);

        // What tells groups or time apart is no feature: the model is to do well on groups, and at times, that it has not seen.
        CsvDataOptions features = this with { Ignore = [.. Ignore.Union(columns.Names)] };
        var schema = TableSchema.Infer(source, features);
        Table table = schema.Read(source);
        (int[] kept, int[] heldOut) = fold.Choose(columns.Describe(table), Validation, SplitSeed);
        DataSplit split = features.Split(schema, path, table, kept, table, heldOut);
        return split with { Description = $"{split.Description}; {fold.Describe()}", ValidationRows = heldOut };
    }

    /// <inheritdoc/>
    public override FoldOptions DefaultFolds()
    {
        string path = Path ?? throw new BadInputException("data.path is missing; give the path of a CSV file");
        return TableSchema.Infer(new CsvSource(path, "data.path", this), this).Target.Classes is null ? new KFoldOptions() : new StratifiedKFoldOptions();
    }

    private static int[] AllRows(Table table) => [.. Enumerable.Range(0, table.Rows)];

    private DataSplit Split(TableSchema schema, string path, Table training, int[] trainingRows, Table validation, int[] validationRows)
    {
        Standardization scaling = Standardization.Of(schema, training, trainingRows, StandardizeTarget);
        DataShape shape = schema.Shape(scaling);
        var trainingSet = new TableDataset(shape, training, trainingRows, scaling);
        var validationSet = new TableDataset(shape, validation, validationRows, scaling);
        string target = schema.Target.Classes is { } classes ? $"{classes.Count} classes of '{schema.Target.Name}'" : $"the number '{schema.Target.Name}'";
        return new DataSplit
        {
            Training = trainingSet,
            Validation = validationSet,
            Description = FormattableString.Invariant(
                $"{path}: {trainingRows.Length} rows to train on, {validationRows.Length} held out; {shape.InputShape[0]} features, predicting {target}"),
            Fingerprint = TableDataset.Digest(trainingSet, validationSet),
        };
    }
}
