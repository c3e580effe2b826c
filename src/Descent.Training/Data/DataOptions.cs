using Descent.Optimizers;
using Descent.Training.Folds;

namespace Descent.Training.Data;

/// <summary>Which data a run uses: the <c>data:</c> section of a run file, where every property has its snake_case name.</summary>
public abstract record DataOptions
{
    /// <summary>Name of the kind in a run file: <c>text</c>, <c>csv</c> or <c>images</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The file or folder to read; null (text only) is the built-in default.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// Fraction of the data that is held out for validation, above 0 and at most 0.5; default 0.05. Not used where the data comes with held-out files.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is out of range.</exception>
    public double Validation
    {
        get;
        init => field = value is > 0 and <= 0.5
            ? value
            : throw Require.Outside(nameof(Validation), value, "a fraction above 0 and at most 0.5, such as 0.05");
    } = 0.05;

    /// <summary>A file or folder of its own to validate on, read like <see cref="Path"/>; null holds out a fraction instead.</summary>
    public string? ValidationPath { get; init; }

    /// <summary>Samples a step is computed from, 1 … 1,048,576; default 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of range.</exception>
    public int BatchSize
    {
        get;
        init => field = Require.Between(1, 1 << 20, value);
    } = 32;

    /// <summary>The same data named by full paths, so that a run can go on from another working directory.</summary>
    public virtual DataOptions WithFullPaths() => this with { Path = Full(Path), ValidationPath = Full(ValidationPath) };

    /// <summary>Reads the data into memory.</summary>
    /// <param name="progress">Told in a few words what is being done; may be null.</param>
    /// <returns>Training and validation samples.</returns>
    /// <exception cref="BadInputException">The data is missing or can't be used; the message says where and what to do.</exception>
    public abstract DataSplit Open(IProgress<string>? progress = null);

    /// <summary>Reads the data into memory, divided as a fold says. What is learned of the data (scales, a tokenizer) is learned of the fold's training part alone.</summary>
    /// <param name="fold">The fold.</param>
    /// <param name="progress">Told in a few words what is being done; may be null.</param>
    /// <returns>The fold's training and held-out samples.</returns>
    /// <exception cref="BadInputException">The data is missing, can't be used or can't be divided so.</exception>
    public virtual DataSplit Open(FoldChoice fold, IProgress<string>? progress = null) =>
        throw new BadInputException($"data.kind is '{Kind}', which can't be divided into folds; leave validation.folds out");

    /// <summary>The folds that are made where nothing is said: 5, with classes in proportion where there are any.</summary>
    /// <exception cref="BadInputException">The data is missing or can't be used.</exception>
    public virtual FoldOptions DefaultFolds() => new KFoldOptions();

    private protected void RequireNoValidationPath()
    {
        if (ValidationPath is not null)
        {
            throw new BadInputException("data.validation_path and validation.folds both say what is held out; leave one of them out");
        }
    }

    private protected static string? Full(string? path) => path is null ? null : System.IO.Path.GetFullPath(path);
}
