using System.Text.Json;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;

namespace Descent.Training.Folds;

/// <summary>What came of all folds.</summary>
public sealed class CrossValidationResult
{
    private const string Method = "95 %: mean - and + t * sqrt(1/J + rho) * s over J folds, corrected for training sets that overlap (Nadeau and Bengio 2003)";

    private readonly FoldOptions _folds;

    /// <summary>Sums up the folds.</summary>
    /// <param name="folds">How the data was divided.</param>
    /// <param name="metric">The metric that decides.</param>
    /// <param name="results">The result of each fold, by its index, at least 2.</param>
    /// <param name="predictions">The out-of-fold predictions of all of them.</param>
    public CrossValidationResult(FoldOptions folds, string metric, IReadOnlyList<FoldResult> results, OutOfFold predictions)
    {
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(results);
        (_folds, Metric, Folds, OutOfFold) = (folds, metric, results, predictions);
        double ratio = results.Average(static fold => (double)fold.ValidationSamples / fold.TrainingSamples);
        Statistics = results[0].Metrics.Keys
            .Where(name => results.All(fold => fold.Metrics.ContainsKey(name)))
            .ToDictionary(static name => name, name => FoldStatistics.Of([.. results.Select(fold => fold.Metrics[name])], ratio));
    }

    /// <summary>The metric that decides.</summary>
    public string Metric { get; }

    /// <summary>Whether a smaller one is better.</summary>
    public bool LowerIsBetter => BestTracker.IsLowerBetter(Metric);

    /// <summary>What came of each fold, by its index.</summary>
    public IReadOnlyList<FoldResult> Folds { get; }

    /// <summary>Every metric that all folds have, over the folds.</summary>
    public IReadOnlyDictionary<string, FoldStatistics> Statistics { get; }

    /// <summary>What was said of every held-out sample.</summary>
    public OutOfFold OutOfFold { get; }

    /// <summary>Writes <c>folds.json</c> and <c>out_of_fold.csv</c>.</summary>
    /// <param name="folder">Where the folds lie.</param>
    public void Save(FoldFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var file = new FoldsFile(_folds.Describe(), Metric, LowerIsBetter, Method, Statistics, Folds);
        OutOfFold.Save(folder.PredictionsPath);
        AtomicFile.WriteAllText(folder.ResultsPath, JsonSerializer.Serialize(file, FoldJson.Default.FoldsFile) + "\n");
    }

    /// <summary>Reads what all folds of a folder wrote.</summary>
    /// <param name="folder">Where the folds lie; each is done.</param>
    /// <param name="folds">How the data was divided.</param>
    /// <param name="options">Say which metric decides.</param>
    /// <exception cref="BadInputException">A fold isn't done, or a file is damaged.</exception>
    public static CrossValidationResult Read(FoldFolder folder, FoldOptions folds, ValidationOptions options)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(options);
        FoldResult[] results = [.. Enumerable.Range(0, folds.Total).Select(fold => folder.ResultOf(fold)
            ?? throw new BadInputException($"{folder.Of(fold)}: fold {fold} isn't done; run the same command again"))];
        return new CrossValidationResult(folds, options.Metric, results, OutOfFold.Join([.. results.Select(result => folder.PredictionsOf(result.Fold))]));
    }
}
