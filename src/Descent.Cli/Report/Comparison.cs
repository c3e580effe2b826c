namespace Descent.Cli.Report;

/// <summary>The head of a page about several runs: a table of their figures and one of the settings in which they differ.</summary>
internal static class Comparison
{
    private sealed record Column(string Name, Func<RunReport, double?> Value, Func<double, string> Text, bool? LowerIsBetter);

    /// <summary>Both tables. The first switches curves on and off.</summary>
    public static Html Of(IReadOnlyList<RunReport> runs)
    {
        Column[] columns = Columns(runs);
        Html heads = Html.Join(columns.Select(column => Html.Of($"<th>{column.Name}</th>")));
        Html rows = Html.Join(runs.Select((run, number) => Row(run, number, runs, columns)));
        return Html.Of($"""
            <section>
            <h1>{runs.Count} runs compared</h1>
            <p class="lines">In the charts, lines are training and dotted lines with marks are validation; switch runs on and off here.</p>
            </section>
            <section class="card"><div class="scroll"><table>
            <tr><th>run</th>{heads}<th>end</th></tr>
            {rows}</table></div></section>
            {Differences(runs)}
            """);
    }

    private static Column[] Columns(IReadOnlyList<RunReport> runs)
    {
        string[] metrics = [.. runs.Select(run => run.Start.Metric).Distinct()];

        // Bests of different metrics can't be ranked against each other.
        bool? lower = metrics.Length == 1 ? runs[0].Start.LowerIsBetter : null;
        string metric = metrics.Length == 1 ? RunReport.Words(metrics[0]) : "deciding metric";
        return
        [
            new("best " + metric, run => run.Best?.Value, Figures.Number, lower),
            new("final", run => run.FinalMetric, Figures.Number, lower),
            new("training loss", run => run.FinalLoss, Figures.Number, null),
            new("steps", run => run.Steps, Figures.Whole, null),
            new("time", run => run.Seconds, Figures.Duration, null),
            new(string.Join(" or ", runs.Select(run => run.Start.Unit).Distinct()) + "/s", run => run.Throughput, Figures.Throughput, false),
            new("peak memory", run => run.PeakMemory, bytes => Figures.Bytes((long)bytes), true),
            new("parameters", run => run.Start.Parameters, count => Figures.Count((long)count), null),
        ];
    }

    private static Html Row(RunReport run, int number, IReadOnlyList<RunReport> runs, Column[] columns)
    {
        Html cells = Html.Join(columns.Select(column => column.Value(run) is { } value
            ? Html.Of($"<td class=\"{(IsFirst(value, column, runs) ? "first" : "")}\">{column.Text(value)}</td>")
            : Html.Of($"<td>–</td>")));
        return Html.Of($"""
            <tr style="--run: var(--run-{number % 8})"><td><label><input type="checkbox" checked data-run="{number}"><span class="swatch"></span>{run.Name}</label></td>{cells}<td>{ReportBody.Pill(run)}</td></tr>

            """);
    }

    private static bool IsFirst(double value, Column column, IReadOnlyList<RunReport> runs)
    {
        double[] all = [.. runs.Select(run => column.Value(run) ?? double.NaN).Where(double.IsFinite)];
        return column.LowerIsBetter is { } lower && all.Distinct().Skip(1).Any() && value == (lower ? all.Min() : all.Max());
    }

    private static Html Differences(IReadOnlyList<RunReport> runs)
    {
        IReadOnlyList<Settings.Difference> differences = Settings.Differences([.. runs.Select(run => run.Start.Configuration)]);
        if (differences.Count == 0)
        {
            return default;
        }

        Html heads = Html.Join(runs.Select(run => Html.Of($"<th>{run.Name}</th>")));
        Html rows = Html.Join(differences.Select(difference => Html.Of(
            $"<tr><td>{difference.Path}</td>{Html.Join(difference.Values.Select(value => Html.Of($"<td>{value ?? "–"}</td>")))}</tr>\n")));
        return Html.Of($"""
            <section class="card"><h2>What differs</h2><div class="scroll"><table>
            <tr><th>setting</th>{heads}</tr>
            {rows}</table></div></section>

            """);
    }
}
