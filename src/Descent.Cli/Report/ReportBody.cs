using System.Globalization;
using Descent.Torch;
using Descent.Training;

namespace Descent.Cli.Report;

/// <summary>The parts of the page that are text: what was trained, how it ended, figures, samples, settings.</summary>
internal static class ReportBody
{
    /// <summary>Everything between the page's head and foot; the charts are empty frames that the script fills.</summary>
    public static Html Of(IReadOnlyList<RunReport> runs, IReadOnlyList<Panel> panels) => Html.Join(
    [
        runs.Count == 1 ? Single(runs[0]) : Comparison.Of(runs),
        Html.Of($"<section class=\"charts\">{Html.Join(panels.Select((panel, number) => Chart(panel, wide: number == 0)))}</section>\n"),
        Html.Join(runs.Select(run => Routing(run, runs.Count > 1))),
        Html.Join(runs.Select(run => Samples(run, runs.Count > 1))),
        Html.Join(runs.Select(run => Warnings(run, runs.Count > 1))),
        Html.Join(runs.Select(run => Configuration(run, runs.Count > 1))),
    ]);

    /// <summary>How a run ended, as a coloured word.</summary>
    public static Html Pill(RunReport run) => run.Log.Stopped?.Reason switch
    {
        null => Html.Of($"<span class=\"pill\">not finished</span>"),
        StopReason.Interrupted => Html.Of($"<span class=\"pill fair\">interrupted</span>"),
        StopReason.NonFinite => Html.Of($"<span class=\"pill bad\">diverged</span>"),
        StopReason.Memory => Html.Of($"<span class=\"pill bad\">out of memory</span>"),
        StopReason.Target => Html.Of($"<span class=\"pill good\">target reached</span>"),
        StopReason.Patience => Html.Of($"<span class=\"pill good\">stopped improving</span>"),
        StopReason.Minutes => Html.Of($"<span class=\"pill good\">time used</span>"),
        _ => Html.Of($"<span class=\"pill good\">done</span>"),
    };

    private static Html Single(RunReport run)
    {
        string message = run.Log.Stopped?.Message ?? "No end is recorded: the run is still going, or it was killed. 'descent resume' continues it.";
        return Html.Of($"""
            <section>
            <h1>{run.Name}</h1>
            <p class="lines"><b>{run.Start.Model}</b></p>
            <p class="lines">{run.Start.Data}</p>
            <p class="lines">{run.Start.Optimizer}</p>
            <p class="stop">{Pill(run)} <span>{message}</span></p>
            </section>
            <dl class="tiles">{Tiles(run)}</dl>

            """);
    }

    private static string Predicted(RunReport run) =>
        run.Log.Starts.Select(static start => start.PredictedMemory).FirstOrDefault(static found => found is not null) is { } predicted
            ? $"{Figures.Bytes(predicted)} predicted"
            : "resident";

    private static Html Tiles(RunReport run)
    {
        string metric = RunReport.Words(run.Start.Metric);
        string epochs = run.Epochs is { } passes ? string.Create(CultureInfo.InvariantCulture, $"{passes:0.##} epochs") : "";
        string started = run.Log.Starts[0].Time.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        string sessions = run.Log.Starts.Count > 1 ? $", {run.Log.Starts.Count} sessions" : "";
        return Html.Join(
        [
            run.Best is { } best ? Tile("Best " + metric, Figures.Number(best.Value), $"at step {Figures.Whole(best.Step)}", "best") : default,
            run.FinalMetric is { } last ? Tile("Final " + metric, Figures.Number(last), "") : default,
            run.FinalLoss is { } loss ? Tile("Training loss", Figures.Number(loss), "mean of the last 5 %") : default,
            Tile("Steps", Figures.Whole(run.Steps), epochs),
            Tile("Time", Figures.Duration(run.Seconds), started + sessions),
            run.Throughput is { } speed ? Tile("Throughput", Figures.Throughput(speed), $"{run.Start.Unit} per second, median") : default,
            run.PeakMemory is { } peak ? Tile("Peak memory", Figures.Bytes(peak), Predicted(run)) : default,
            Tile("Parameters", Figures.Count(run.Start.Parameters), Figures.Whole(run.Start.Parameters)),
        ]);
    }

    private static Html Tile(string name, string value, string note, string kind = "") =>
        Html.Of($"<div class=\"tile {kind}\"><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>\n");

    private static Html Chart(Panel panel, bool wide) => Html.Of($"""
        <article class="card {(wide ? "wide" : "")}">
        <header><h2>{panel.Title} <small>{(wide ? "drag to zoom, double-click to go back" : panel.Unit)}</small></h2><button type="button" data-log="{panel.Id}" aria-pressed="false" hidden>log</button></header>
        <div class="plot" id="{panel.Id}"></div>
        </article>

        """);

    private static Html Samples(RunReport run, bool named)
    {
        IReadOnlyList<SampleReport> samples = run.Log.Samples;
        if (samples.Count == 0)
        {
            return default;
        }

        long first = samples.Min(sample => sample.Step);
        long last = samples.Max(sample => sample.Step);
        Html shown = Html.Join(samples.Where(sample => sample.Step == first || sample.Step == last).Select(Sample));
        List<SampleReport> between = [.. samples.Where(sample => sample.Step != first && sample.Step != last)];
        Html rest = between.Count == 0
            ? default
            : Html.Of($"<details><summary>{between.Count} samples in between</summary><div class=\"samples\">{Html.Join(between.Select(Sample))}</div></details>");
        return Html.Of($"""
            <section>
            <h2>Samples{(named ? " of " + run.Name : "")} <small>the prompt in colour, then what the model wrote</small></h2>
            <div class="samples">{shown}</div>{rest}
            </section>

            """);
    }

    private static Html Sample(SampleReport sample) => Html.Of(
        $"<article class=\"card sample\"><h2>{When(sample)}</h2><pre><mark>{sample.Prompt}</mark>{sample.Text}</pre></article>\n");

    private static string When(SampleReport sample) => sample.Step == 0 ? "Before training" : $"After {Figures.Of(sample.Step, "step")}";

    private static Html Routing(RunReport run, bool named) => run.Start.Routing.Count == 0
        ? default
        : Html.Of($"""
            <details {(named ? "" : "open")}>
            <summary>Routing{(named ? " of " + run.Name : "")}</summary>
            <div class="card scroll"><table><thead><tr><th>group</th><th>rule</th><th>what</th><th>tensors</th><th>elements</th><th>rate</th><th>decay</th><th>states</th></tr></thead>
            <tbody>{Html.Join(run.Start.Routing.Select(Row))}</tbody></table></div>
            </details>

            """);

    private static Html Row(RoutingRow row) => Html.Of(
        $"<tr><td>{row.Group}</td><td>{row.Rule}</td><td>{row.Roles}</td><td>{Figures.Whole(row.Parameters)}</td><td>{Figures.Count(row.Elements)}</td><td>{Figures.Rate(row.LearningRate)}</td><td>{Figures.Rate(row.WeightDecay)}</td><td>{Figures.Bytes(row.StateBytes)}</td></tr>\n");

    private static Html Warnings(RunReport run, bool named) => run.Log.Warnings.Count == 0
        ? default
        : Html.Of($"""
            <section class="card">
            <h2>Warnings{(named ? " of " + run.Name : "")}</h2>
            <ul class="notes">{Html.Join(run.Log.Warnings.Select(warning => Html.Of($"<li>{warning.Message} <small class=\"soft\">step {Figures.Whole(warning.Step)}</small></li>")))}</ul>
            </section>

            """);

    private static Html Configuration(RunReport run, bool named)
    {
        Html yaml = Html.Join(run.Start.Configuration.ReplaceLineEndings("\n").Split('\n').Select(Line));
        return Html.Of($"""
            <details {(named ? "" : "open")}>
            <summary>Settings{(named ? " of " + run.Name : "")}</summary>
            <div class="card"><pre class="yaml">{yaml}</pre></div>
            </details>

            """);
    }

    // The key of a plain "key: value" line in colour; anything else as it is.
    private static Html Line(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && line[..colon].All(letter => char.IsLetterOrDigit(letter) || letter is '_' or ' ' or '-')
            ? Html.Of($"<b>{line[..colon]}</b>{line[colon..]}\n")
            : Html.Of($"{line}\n");
    }
}
