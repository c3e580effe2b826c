using System.Globalization;
using Descent.Optimizers;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using static TorchSharp.torch;

namespace Descent.Training.Folds;

/// <summary>
/// Cross validation of any model: trains it anew for every fold, and measures it on what it has not seen. With a folder it goes on where it was interrupted, on the CPU with the
/// same bits.
/// </summary>
/// <remarks>
/// Folds are trained one after the other in this process. Every fold of a repeat begins with the same seed, each repeat with the next one, so that the interval knows of the luck of the
/// initialization too. For a run file, <c>descent cross-validate</c> does the same in processes of their own.
/// </remarks>
/// <example><code>
/// var validation = new CrossValidation { Folds = new StratifiedKFoldOptions(), Options = options, Folder = "folds" };
/// CrossValidationResult result = validation.Run(dataset, new FoldSamples(150) { Labels = labels }, shape => new ModuleModel(NewModule(shape)));
/// </code></example>
public sealed class CrossValidation
{
    /// <summary>How the samples are divided.</summary>
    public required FoldOptions Folds { get; init; }

    /// <summary>How each model is trained; <see cref="ValidationOptions.Metric"/> is what is compared.</summary>
    public TrainingOptions Options { get; init; } = new();

    /// <summary>Samples in a batch, at least 1; default 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int BatchSize
    {
        get;
        init => field = Require.AtLeast(1, value);
    } = 32;

    /// <summary>Where checkpoints and results go, a folder for each fold; null (the default) keeps nothing.</summary>
    public string? Folder { get; init; }

    /// <summary>Who is told what happens in a fold. Default: nobody.</summary>
    public Func<Fold, IReadOnlyList<ITrainingObserver>> Observers { get; init; } = static _ => [];

    /// <summary>Validates over a data set.</summary>
    /// <param name="dataset">All samples, as they are: scale what needs scaling in the other overload, by each fold's training samples.</param>
    /// <param name="samples">What the splitter may know of them.</param>
    /// <param name="build">Makes a model; the generator of random numbers has been seeded.</param>
    /// <param name="cancellation">Asks for a checkpoint and an early end.</param>
    /// <returns>The metrics, intervals and predictions of all folds.</returns>
    /// <exception cref="BadInputException">The samples can't be divided so, a fold diverged, or the folder holds something else.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop; with a folder the same call goes on.</exception>
    public CrossValidationResult Run(IDataset dataset, FoldSamples samples, Func<DataShape, Model> build, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(samples);
        return dataset.Count == samples.Count
            ? Run(samples, fold => Subset.Split(dataset, fold), build, cancellation)
            : throw new ArgumentException($"{samples.Count} samples are described, and the data set has {dataset.Count}; allowed: as many", nameof(samples));
    }

    /// <summary>Validates over data that is prepared for each fold.</summary>
    /// <param name="samples">What the splitter may know of the samples.</param>
    /// <param name="open">Prepares a fold's data. What is learned of data, such as scales, is to be learned of <see cref="Fold.Training"/> alone.</param>
    /// <param name="build">Makes a model; the generator of random numbers has been seeded.</param>
    /// <param name="cancellation">Asks for a checkpoint and an early end.</param>
    /// <returns>The metrics, intervals and predictions of all folds.</returns>
    /// <exception cref="BadInputException">The samples can't be divided so, a fold diverged, or the folder holds something else.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop; with a folder the same call goes on.</exception>
    public CrossValidationResult Run(FoldSamples samples, Func<Fold, DataSplit> open, Func<DataShape, Model> build, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(build);
        IReadOnlyList<Fold> folds = Folds.Split(samples);
        FoldFolder? folder = Folder is null ? null : new FoldFolder(Folder, Folds);
        Agree(folder, samples.Count);
        var results = new List<FoldResult>();
        var predictions = new List<OutOfFold>();
        foreach (Fold fold in folds)
        {
            if (folder?.ResultOf(fold.Index) is { } done)
            {
                results.Add(done);
                predictions.Add(folder.PredictionsOf(fold.Index));
                continue;
            }

            (FoldResult result, OutOfFold predicted) = Train(fold, open(fold), build, folder?.Of(fold.Index), cancellation);
            results.Add(result);
            predictions.Add(predicted);
        }

        var whole = new CrossValidationResult(Folds, Options.Validation.Metric, results, OutOfFold.Join(predictions));
        if (folder is not null)
        {
            whole.Save(folder);
        }

        return whole;
    }

    private (FoldResult, OutOfFold) Train(Fold fold, DataSplit data, Func<DataShape, Model> build, string? path, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        TrainingOptions options = Options with { Seed = Options.Seed + fold.Repeat };
        manual_seed(options.Seed);
        using Model model = build(data.Training.Shape);
        using MetricsFile? metrics = path is null ? null : new MetricsFile(Path.Combine(path, "metrics.jsonl"));
        CheckpointStore? store = path is null ? null : new CheckpointStore(Path.Combine(path, "checkpoints"), options.Checkpoints.KeepLast, options.Checkpoints.KeepBest);
        using var trainer = new Trainer(model, data, BatchSize, options)
        {
            Observers = metrics is null ? Observers(fold) : [metrics, .. Observers(fold)],
            Checkpoints = store,
            Description = new RunDescription { Directory = path, Configuration = RunFile.Write(options) },
        };
        if (store?.Steps.Count > 0)
        {
            trainer.Restore(store.OpenNewest(static _ => { }));
        }

        RunStopped stopped = trainer.Run(cancellation);
        if (stopped.Reason == StopReason.Interrupted)
        {
            throw new OperationCanceledException(stopped.Message, cancellation);
        }

        if (stopped.Reason is StopReason.NonFinite or StopReason.Memory)
        {
            throw new BadInputException($"fold {fold.Index}: {stopped.Message}");
        }

        (FoldResult result, OutOfFold predictions) = FoldMeasurement.Of(model, data, BatchSize, options, (fold.Index, fold.Repeat, fold.Number), stopped);
        if (path is not null)
        {
            FoldFolder.Write(path, result, predictions);
        }

        return (result, predictions);
    }

    // Folds that were trained otherwise could not be averaged with these.
    private void Agree(FoldFolder? folder, int samples)
    {
        if (folder is null)
        {
            return;
        }

        string file = Path.Combine(folder.Path, "cross_validation.yaml");
        string wanted = string.Create(CultureInfo.InvariantCulture, $"# {samples} samples, {BatchSize} in a batch\n") + RunFile.Write(Options with { Validation = Options.Validation with { Folds = Folds } });
        Directory.CreateDirectory(folder.Path);
        if (File.Exists(file) && File.ReadAllText(file) != wanted)
        {
            throw new BadInputException($"{folder.Path}: holds a cross validation of other settings (they stand in {file}), and its folds could not be averaged with these; give another folder");
        }

        AtomicFile.WriteAllText(file, wanted);
    }
}
