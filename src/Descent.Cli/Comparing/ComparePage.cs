using System.Text.Json;
using System.Text.Json.Serialization;
using Descent.Cli.Report;
using Descent.Tuning;
using Descent.Tuning.Statistics;

namespace Descent.Cli.Comparing;

/// <summary>The page about a comparison: the recommendation, the table, curves with bands, the ends of all runs, and what the searches saw. It loads nothing.</summary>
internal static class ComparePage
{
    private const string Rate = "optimizer.learning_rate";

    /// <summary>The page.</summary>
    /// <param name="name">What was compared.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="about">What is said of the run.</param>
    public static string Render(string name, Outcome outcome, IReadOnlyList<string> about) => Page.Fill(new()
    {
        ["title"] = Html.Of($"{name}: optimizers compared · Descent").Markup,
        ["command"] = "descent compare",
        ["body"] = Body(name, outcome, about).Markup,
        ["data"] = JsonSerializer.Serialize(Data(outcome), ComparePageJson.Default.ComparePageData),
        ["script"] = Page.Resource("compare.js").TrimEnd(),
    });

    private static Html Body(string name, Outcome outcome, IReadOnlyList<string> about)
    {
        Html lines = Html.Join(about.Select(static line => Html.Of($"<p class=\"lines\">{line}</p>\n")));
        Html check = outcome.Check is { } checkedBy
            ? Html.Of($"<p class=\"stop\"><span class=\"pill {(checkedBy.Holds ? "good" : "bad")}\">{(checkedBy.Holds ? "holds" : "does not hold")}</span> <span>{checkedBy.Sentence}</span></p>\n")
            : default;
        Html heads = Html.Join(CompareText.Heads(outcome).Select(static head => Html.Of($"<th>{head}</th>")));
        Html rows = Html.Join(CompareText.Rows(outcome).Select(static (row, number) => Row(row, number)));
        string[] notes = [.. outcome.Result.Notes, .. outcome.LeftOut.Select(static entry => $"{entry.Name} was left out: {entry.Why}.")];
        return Html.Of($"""
            <section>
            <h1>{name}: {outcome.Result.Entries.Count} optimizers compared</h1>
            {lines}
            <p class="stop"><span class="pill {(outcome.Result.Verdict.IsSure ? "good" : "fair")}">{(outcome.Result.Verdict.IsSure ? "significant" : "not significant")}</span> <b>{outcome.Sentence}</b></p>
            {check}</section>
            <section class="card"><div class="scroll"><table>
            <tr>{heads}</tr>
            {rows}</table></div>
            <p class="lines">± is half of the 95 % interval of the mean over {outcome.Result.Seeds.Count} seeds; p is of a paired test against the best, after Holm's correction; {CompareText.Target(outcome)}. Time is training alone, without validation.</p></section>
            <section class="charts">
            {Chart("curves", outcome.Metric, "mean over seeds, with its 95 % interval; drag to zoom, double-click to go back", wide: true)}
            {Chart("ends", "Where the runs end", "a dot for each seed, the mean and its interval", wide: false)}
            {Chart("searches", "What the searches saw", "over the learning rate; × diverged", wide: false)}
            </section>
            <section class="card"><h2>What the searches found</h2><div class="scroll"><table>
            <tr>{Html.Join(CompareText.SearchHeads.Select(static head => Html.Of($"<th>{head}</th>")))}</tr>
            {Html.Join(CompareText.Searches(outcome).Select(static row => Html.Of($"<tr>{Html.Join(row.Select(static cell => Html.Of($"<td>{cell}</td>")))}</tr>\n")))}</table></div></section>
            {(notes.Length == 0 ? default : Html.Of($"<section class=\"card\"><h2>To judge it by</h2><ul class=\"notes\">{Html.Join(notes.Select(static note => Html.Of($"<li>{note}</li>")))}</ul></section>"))}
            """);
    }

    private static Html Row(IReadOnlyList<string> cells, int number) => Html.Of($"""
        <tr style="--run: var(--run-{number % 8})"><td><label><input type="checkbox" checked data-run="{number}"><span class="swatch"></span>{cells[0]}</label></td>{Html.Join(cells.Skip(1).Select(static cell => Html.Of($"<td>{cell}</td>")))}</tr>

        """);

    private static Html Chart(string id, string title, string note, bool wide) => Html.Of(
        $"<article class=\"card {(wide ? "wide" : "")}\"><header><h2>{title} <small>{note}</small></h2></header><div class=\"plot\" id=\"{id}\"></div></article>");

    private static ComparePageData Data(Outcome outcome) => new(
        outcome.Metric,
        outcome.Result.Target,
        [.. outcome.Rows.Select(static row => new ComparePageEntry(
            row.Entry.Name,
            Curve(row.Figures),
            [.. row.Entry.Runs.Select(static run => run.Value)],
            row.Entry.Final?.Mean,
            row.Entry.Final is { } final && double.IsFinite(final.HalfWidth) ? final.HalfWidth : null,
            [.. row.Entry.Searched.Where(static trial => trial.Configuration.ContainsKey(Rate)).Select(static trial => new ComparePageTrial(trial.Configuration.Number(Rate), Finite(trial.Value), trial.State == TrialState.Pruned))]))]);

    private static ComparePageCurve Curve(EntryFigures figures)
    {
        var points = figures.Curves
            .SelectMany(static curve => curve.Steps.Select((step, i) => (Step: step, Seconds: curve.Seconds[i], Value: curve.Values[i])))
            .Where(static point => double.IsFinite(point.Value))
            .GroupBy(static point => point.Step)
            .OrderBy(static group => group.Key)
            .Select(static group => (Step: group.Key, Seconds: group.Average(static point => point.Seconds), Interval: ConfidenceInterval.OfMean([.. group.Select(static point => point.Value)])))
            .ToArray();
        return new ComparePageCurve(
            [.. points.Select(static point => point.Step)],
            [.. points.Select(static point => Math.Round(point.Seconds, 3))],
            [.. points.Select(static point => point.Interval.Mean)],
            [.. points.Select(static point => double.IsFinite(point.Interval.HalfWidth) ? point.Interval.HalfWidth : 0)]);
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

/// <summary>What the page's script draws.</summary>
internal sealed record ComparePageData(string Metric, double? Target, IReadOnlyList<ComparePageEntry> Optimizers);

/// <summary>An optimizer on the page.</summary>
internal sealed record ComparePageEntry(
    string Name, ComparePageCurve Curve, IReadOnlyList<double?> Ends, double? Mean, double? HalfWidth, IReadOnlyList<ComparePageTrial> Trials);

/// <summary>The mean curve and half of the band's width.</summary>
internal sealed record ComparePageCurve(IReadOnlyList<long> Step, IReadOnlyList<double> Time, IReadOnlyList<double> Mean, IReadOnlyList<double> HalfWidth);

/// <summary>A trial of a search.</summary>
internal sealed record ComparePageTrial(double Rate, double? Value, bool Pruned);

/// <summary>The generated writer of the page's data.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ComparePageData))]
internal sealed partial class ComparePageJson : JsonSerializerContext;
