using Descent.Cli.Report;
using Descent.Training.Folds;

namespace Descent.Cli.Validation;

/// <summary>The head of the page about a cross validation: means and intervals, each fold, and for classes what was taken for what. Below it stand the folds' curves.</summary>
internal static class FoldsPage
{
    private const int MostClasses = 30;
    private const int MostCurves = 20;

    /// <summary>Writes the page.</summary>
    /// <param name="name">What was validated.</param>
    /// <param name="folds">How the data was divided.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="folder">Where the folds lie.</param>
    /// <param name="output">The file.</param>
    public static void Write(string name, FoldOptions folds, CrossValidationResult result, FoldFolder folder, string output)
    {
        (string Name, string Folder)[] runs = [.. result.Folds
            .Select(fold => (FoldsText.Name(folds, fold.Fold), folder.Of(fold.Fold)))
            .Where(static run => File.Exists(Path.Combine(run.Item2, "metrics.jsonl")))
            .Take(MostCurves)];
        ReportWriter.Write([.. runs.Select(static run => run.Folder)], output, [.. runs.Select(static run => run.Name)], Head(name, folds, result));
    }

    private static Html Head(string name, FoldOptions folds, CrossValidationResult result) => Html.Of($"""
        <section>
        <h1>{name}</h1>
        <p class="lines"><b>Cross validation: {folds.Describe()}</b></p>
        {Html.Join(FoldsText.Notes(result).Select(static note => Html.Of($"<p class=\"lines\">{note}</p>\n")))}
        </section>
        <dl class="tiles">{Html.Join(FoldsText.Ordered(result).Select(entry => Tile(entry.Key, entry.Value, entry.Key == result.Metric)))}</dl>
        {Table(folds, result)}
        {Confusion(result.OutOfFold)}

        """);

    private static Html Tile(string metric, FoldStatistics of, bool decides) => Html.Of(
        $"<div class=\"tile {(decides ? "best" : "")}\"><dt>{RunReport.Words(metric)}</dt><dd>{Figures.Number(of.Mean)}<small>± {Figures.Number(of.StandardDeviation)}; 95 %: {Figures.Number(of.Low)} to {Figures.Number(of.High)}</small></dd></div>\n");

    private static Html Table(FoldOptions folds, CrossValidationResult result)
    {
        string[] metrics = [.. FoldsText.Ordered(result).Select(static entry => entry.Key)];
        bool nested = result.Folds.Any(static fold => fold.Settings is not null);
        Html heads = Html.Join([
            .. metrics.Select(metric => Html.Of($"<th>{RunReport.Words(metric)}</th>")),
            nested ? Html.Of($"<th>chosen</th>") : default,
        ]);
        Html rows = Html.Join(result.Folds.Select(fold => Html.Of($"""
            <tr><td>{FoldsText.Name(folds, fold.Fold)}</td><td>{Figures.Whole(fold.TrainingSamples)}</td><td>{Figures.Whole(fold.ValidationSamples)}</td>{Html.Join(metrics.Select(metric => Html.Of($"<td>{Figures.Number(fold.Metrics[metric])}</td>")))}{(nested ? Html.Of($"<td>{Chosen(fold)}</td>") : default)}<td>{Figures.Whole(fold.Steps)}</td><td>{Figures.Duration(fold.Seconds)}</td></tr>

            """)));
        return Html.Of($"""
            <section class="card"><h2>Folds</h2><div class="scroll"><table>
            <tr><th>fold</th><th>trained on</th><th>held out</th>{heads}<th>steps</th><th>time</th></tr>
            {rows}</table></div></section>
            """);
    }

    private static string Chosen(FoldResult fold) => string.Join(", ", (fold.Settings ?? new Dictionary<string, string>()).Select(static setting => $"{setting.Key}={setting.Value}"));

    /// <summary>How many samples of each class were taken for which, over all folds and repeats.</summary>
    private static Html Confusion(OutOfFold predictions)
    {
        if (!predictions.Columns.Any(static column => column.StartsWith("probability_", StringComparison.Ordinal)))
        {
            return default;
        }

        Dictionary<(string, string), int> counts = predictions.Rows.CountBy(static row => (row.Values[0], row.Values[1])).ToDictionary();
        string[] classes = [.. predictions.Columns.Skip(2).Select(static column => column["probability_".Length..])];
        if (classes.Length > MostClasses)
        {
            return default;
        }

        Html heads = Html.Join(classes.Select(static name => Html.Of($"<th>{name}</th>")));
        Html rows = Html.Join(classes.Select(target => Html.Of(
            $"<tr><td>{target}</td>{Html.Join(classes.Select(said => Html.Of($"<td class=\"{(said == target ? "first" : "")}\">{Figures.Whole(counts.GetValueOrDefault((target, said)))}</td>")))}</tr>\n")));
        return Html.Of($"""
            <section class="card"><h2>Confusion <small>held-out samples: a line for each class, a column for what it was taken for</small></h2><div class="scroll"><table>
            <tr><th>class</th>{heads}</tr>
            {rows}</table></div></section>
            """);
    }
}
