using System.Globalization;
using Descent.Cli.Report;
using Descent.Cli.Tuning;
using Descent.Tuning;

namespace Descent.Cli.Studies;

/// <summary>The parts of the page that are text; the charts are empty frames that the script fills.</summary>
internal static class StudyBody
{
    private const int MostOfFront = 20;

    /// <summary>What stands at the head of the page: which objective is shown.</summary>
    public static Html Controls(TrialHistory history, StudyText text) => history.Directions.Count < 2
        ? default
        : Html.Of($"""
            <label>objective <select id="objective">{Html.Join(Enumerable.Range(0, history.Directions.Count).Select(k => Html.Of($"<option value=\"{k}\">{text.ObjectiveOf(k)}</option>")))}</select></label>
            """);

    /// <summary>Everything between the page's head and foot.</summary>
    public static Html Of(TrialHistory history, StudyText text, IReadOnlyList<int> front, Timeline? timeline) => Html.Join(
    [
        Head(history, text),
        history.Trials.Count == 0 ? default : Html.Of($"<dl class=\"tiles\">{Tiles(history, text, front, timeline)}</dl>\n"),
        Best(history, text),
        FrontTable(history, text, front),
        history.Trials.Count == 0 ? default : Charts(history, timeline),
        history.Trials.Count == 0 ? default : Table(history),
        Space(history.Space),
    ]);

    private static Html Head(TrialHistory history, StudyText text)
    {
        string searched = string.Join("; ", Enumerable.Range(0, history.Directions.Count).Select(k => $"{text.ObjectiveOf(k)}, {(history.Directions[k] == Direction.Minimize ? "lower" : "higher")} is better"));
        string[] trials = [.. history.Trials.GroupBy(static trial => trial.State).OrderBy(static group => group.Key).Select(static group => $"{Figures.Whole(group.Count())} {TuneText.StateOf(group.Key)}")];
        return Html.Of($"""
            <section>
            <h1>{text.Name}</h1>
            <p class="lines"><b>{searched}</b></p>
            <p class="lines">{(trials.Length == 0 ? "no trial was begun yet" : $"{Figures.Whole(history.Trials.Count)} {(history.Trials.Count == 1 ? "trial" : "trials")} over {history.Space.Count} {(history.Space.Count == 1 ? "parameter" : "parameters")}: {string.Join(", ", trials)}")}</p>
            {(text.Curves is { } curves ? Html.Of($"<p class=\"lines\"><a href=\"{curves}\">curves of the best runs</a></p>") : default)}
            </section>

            """);
    }

    private static Html Tiles(TrialHistory history, StudyText text, IReadOnlyList<int> front, Timeline? timeline)
    {
        IReadOnlyList<TrialRecord> trials = history.Trials;
        int Count(TrialState state) => trials.Count(trial => trial.State == state);
        TrialRecord[] complete = [.. trials.Where(static trial => trial.State == TrialState.Complete)];
        double worked = trials.Sum(static trial => trial.Duration.TotalSeconds);
        double? lasted = timeline?.Bars.Max(static bar => bar.From + bar.Seconds);
        string started = timeline?.Start.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? "";
        double[] durations = [.. complete.Select(static trial => trial.Duration.TotalSeconds).Order()];
        int stopped = Count(TrialState.Pruned);
        int unfinished = history.Unfinished.Count;
        return Html.Join(
        [
            front.Count > 0 ? Tile("Pareto front", Figures.Whole(front.Count), "trials that no other is better than in all", "best")
                : history.Best is { } best ? Tile("Best " + RunReport.Words(text.ObjectiveOf(0)), Figures.Number(best.Objectives[0]), $"trial {best.Number}", "best") : default,
            Tile("Complete", Figures.Whole(complete.Length), $"of {Figures.Whole(trials.Count)}{(unfinished > 0 ? $", {Figures.Whole(unfinished)} not finished" : "")}"),
            Tile("Pruned", Figures.Whole(stopped), "stopped before their end"),
            Tile("Failed", Figures.Whole(Count(TrialState.Failed)), ""),
            durations.Length == 0 ? default : Tile("A trial", Time(durations[durations.Length / 2]), "median of the complete ones"),
            Tile("Work", Time(worked), "all trials together"),
            lasted is { } span ? Tile("Time", Time(span), started) : default,
        ]);
    }

    private static string Time(double seconds) => seconds < 10 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s") : Figures.Duration(seconds);

    private static Html Tile(string name, string value, string note, string kind = "") =>
        Html.Of($"<div class=\"tile {kind}\"><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>\n");

    private static Html Best(TrialHistory history, StudyText text)
    {
        if (history.Directions.Count > 1 || history.Best is not { } best)
        {
            return default;
        }

        Html settings = Html.Join(best.Configuration.Select(static pair => Html.Of($"<b>{pair.Key}</b>: {pair.Value}\n")));
        Html commands = Html.Join(text.Commands.Select(static command => Html.Of($"{command}\n")));
        return Html.Of($"""
            <section class="card"><h2>Best settings <small>trial {best.Number}</small></h2><pre class="yaml">{settings}{commands}</pre></section>

            """);
    }

    private static Html FrontTable(TrialHistory history, StudyText text, IReadOnlyList<int> front)
    {
        if (front.Count == 0)
        {
            return default;
        }

        // A person chooses between few.
        int[] rows = [.. StudyChoice.Evenly(front, MostOfFront)];
        Html heads = Html.Join(Enumerable.Range(0, history.Directions.Count).Select(k => Html.Of($"<th>{text.ObjectiveOf(k)}</th>")).Concat(TuneText.ShortNames(history.Space).Select(static name => Html.Of($"<th>{name}</th>"))));
        Html lines = Html.Join(rows.Select(number =>
        {
            TrialRecord trial = history.Trials[number];
            Html results = Html.Join(trial.Objectives.Select((value, k) => Html.Of($"<td>{(text.CostOf(k) is { } cost ? cost.Format(value) : Figures.Number(value))}</td>")));
            Html settings = Html.Join(history.Space.Parameters.Select(parameter => Html.Of($"<td>{(trial.Configuration.TryGetValue(parameter.Name, out ParameterValue value) ? TuneText.Value(value) : "–")}</td>")));
            return Html.Of($"<tr><td>{number}</td>{results}{settings}</tr>\n");
        }));
        string note = rows.Length < front.Count ? $"{rows.Length} of {front.Count} trials, evenly spread" : $"{front.Count} {(front.Count == 1 ? "trial" : "trials")} that no other is better than in all";
        Html command = text.FileOf is { } file ? Html.Of($"<pre class=\"yaml\">descent train {file(rows[0])}</pre>") : default;
        return Html.Of($"""
            <section class="card" id="front-trials"><header><h2>On the front <small>{note}</small></h2></header>
            <div class="scroll"><table><thead><tr><th>trial</th>{heads}</tr></thead><tbody>
            {lines}</tbody></table></div>
            {command}</section>

            """);
    }

    private static Html Charts(TrialHistory history, Timeline? timeline)
    {
        bool several = history.Directions.Count > 1;
        bool reports = history.Trials.Any(static trial => trial.Reported.Count > 0);
        bool complete = history.Finished.Any(static trial => trial.State == TrialState.Complete);
        int parameters = history.Space.Count;
        return Html.Of($"""
            <section class="charts">
            {(several && complete ? Chart("pareto", "Pareto front", history.Directions.Count > 2 ? Pair("pareto") : default, wide: true) : default)}
            {Chart("history", "History", Html.Of($"<button type=\"button\" id=\"log\" aria-pressed=\"false\">log</button>"), wide: true)}
            {(complete && parameters > 0 ? Chart("importance", "What mattered", default) : default)}
            {(complete && parameters > 1 ? Chart("surface", "Two parameters together", Pair("surface")) : default)}
            {(complete && parameters > 0 ? Chart("parallel", "Parallel coordinates", Html.Of($"<button type=\"button\" id=\"unbrush\" hidden>show all</button>"), wide: true) : default)}
            {(complete && parameters > 0 ? Html.Of($"<article class=\"card wide\" id=\"slices\"><header><h2>Slices <small></small></h2><button type=\"button\" id=\"more-slices\" hidden></button></header><div class=\"slices\"></div></article>") : default)}
            {(reports ? Chart("curves", "Reported values", default, wide: true) : default)}
            {(timeline is not null ? Chart("timeline", "Workers", default, wide: true) : default)}
            </section>

            """);
    }

    private static Html Chart(string id, string title, Html controls, bool wide = false) => Html.Of($"""
        <article class="card {(wide ? "wide" : "")}">
        <header><h2>{title} <small></small></h2><span class="row">{controls}</span></header>
        <div class="plot" id="{id}"></div>
        </article>

        """);

    private static Html Pair(string id) => Html.Of($"<select id=\"{id}-x\" aria-label=\"To the right\"></select><select id=\"{id}-y\" aria-label=\"Upwards\"></select>");

    private static Html Table(TrialHistory history)
    {
        TrialState[] states = [.. history.Trials.Select(static trial => trial.State).Distinct().Order()];
        Html choices = Html.Join(states.Select(static state => Html.Of($"<button type=\"button\" data-state=\"{(int)state}\" aria-pressed=\"false\">{TuneText.StateOf(state)}</button>")));
        return Html.Of($"""
            <section class="card" id="trials">
            <header><h2>Trials <small></small></h2><span class="row"><span class="choice">{choices}</span></span></header>
            <div class="scroll"><table><thead></thead><tbody></tbody></table></div>
            <p><button type="button" id="more" hidden></button></p>
            </section>

            """);
    }

    private static Html Space(SearchSpace space)
    {
        Html parameters = Html.Join(space.Parameters.Select(static parameter => Html.Of($"<b>{parameter.Name}</b>: {parameter}\n")));
        Html constraints = Html.Join(space.Constraints.Select(static constraint => Html.Of($"<b>where</b>: {constraint}\n")));
        return Html.Of($"""
            <details>
            <summary>Search space</summary>
            <div class="card"><pre class="yaml">{parameters}{constraints}</pre></div>
            </details>

            """);
    }
}
