using Descent.Training.Folds;

namespace Descent.Cli.Validation;

/// <summary>What a cross validation says in words, the same in every display.</summary>
internal static class FoldsText
{
    /// <summary>What a fold is called: "fold 3", or "repeat 1 fold 3".</summary>
    public static string Name(FoldOptions folds, int fold) =>
        folds.Total == folds.Count ? $"fold {fold}" : $"repeat {fold / folds.Count} fold {fold % folds.Count}";

    /// <summary>The metrics of a fold in one line.</summary>
    public static string Metrics(FoldResult result) => string.Join(", ", result.Metrics.Select(static metric => $"{metric.Key} {Figures.Number(metric.Value)}"));

    /// <summary>Means, deviations and intervals as lines of a table, the deciding metric first.</summary>
    public static IEnumerable<string> Table(CrossValidationResult result) => TextTable.Lines(
        [
            ["metric", "mean", "deviation", "95 % interval"],
            .. Ordered(result).Select(static entry => (string[])
                [entry.Key, Figures.Number(entry.Value.Mean), Figures.Number(entry.Value.StandardDeviation), $"{Figures.Number(entry.Value.Low)} to {Figures.Number(entry.Value.High)}"]),
        ]);

    /// <summary>The metrics, the deciding one first.</summary>
    public static IEnumerable<KeyValuePair<string, FoldStatistics>> Ordered(CrossValidationResult result) =>
        result.Statistics.OrderBy(entry => entry.Key != result.Metric).ThenBy(static entry => entry.Key, StringComparer.Ordinal);

    /// <summary>How the interval was made, and what it doesn't know.</summary>
    public static IEnumerable<string> Notes(CrossValidationResult result)
    {
        FoldStatistics any = result.Statistics.Values.First();
        yield return FormattableString.Invariant(
            $"interval: Student's t over {any.Folds} folds ({any.Folds - 1} degrees of freedom), corrected for training sets that overlap (Nadeau and Bengio 2003, ρ = {any.TestTrainRatio:0.000})");
        if (result.Folds.Any(static fold => fold.RestoredBest))
        {
            yield return "note: patience took the weights of the step that the held-out part liked best, so new data will do somewhat worse; fix stop.steps or stop.epochs for an estimate without that";
        }
    }
}
