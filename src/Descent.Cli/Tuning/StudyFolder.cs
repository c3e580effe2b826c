using System.Globalization;
using Descent.Cli.Report;
using Descent.Cli.Studies;
using Descent.Training;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Tuning;
using Descent.Tuning.Samplers;

namespace Descent.Cli.Tuning;

/// <summary>The folder of a study: what it searches, its journal, its trials' folders, and what came of it.</summary>
internal sealed class StudyFolder
{
    private const int Compared = 8;

    /// <summary>Makes the folder where there is none.</summary>
    public StudyFolder(string path)
    {
        Path = OutputFolder.Resolve(path, "the study", ("metrics.jsonl", "run"), ("compare.yaml", "comparison"), ("cross_validation.yaml", "cross validation"));
        OutputFolder.Make(Path, () => Directory.CreateDirectory(Trials));
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The journal, unless it is elsewhere.</summary>
    public string Journal => System.IO.Path.Combine(Path, "journal.db");

    /// <summary>The trials' folders.</summary>
    public string Trials => System.IO.Path.Combine(Path, "trials");

    /// <summary>The run file of the best trial.</summary>
    public string Best => System.IO.Path.Combine(Path, "best.yaml");

    /// <summary>All trials, a line each.</summary>
    public string Table => System.IO.Path.Combine(Path, "trials.csv");

    /// <summary>What was tried, what came of it and what mattered.</summary>
    public string Report => System.IO.Path.Combine(Path, "report.html");

    /// <summary>Where trials are rounds: the settings of the best one and its ancestors.</summary>
    public string Schedule => System.IO.Path.Combine(Path, "schedule.json");

    /// <summary>Writes down what is searched, or looks whether it is what was searched here before.</summary>
    /// <exception cref="BadInputException">It is something else: its trials could not be compared with those that are here.</exception>
    public void Agree(Search search) => OutputFolder.Agree(Path, "study.yaml", search.Describe(), "study", "their trials could not be compared");

    /// <summary>Writes <c>best.yaml</c>, <c>trials.csv</c> and the pages, and <c>schedule.json</c> where trials are rounds.</summary>
    /// <returns>What a person is told of it.</returns>
    public async Task<StudySummary> WriteAsync(Study study, Search search, CancellationToken cancellation)
    {
        string metric = search.Validation.Metric;
        StudySummary summary = await study.ViewAsync(history => Summarize(history, metric), cancellation).ConfigureAwait(false);
        AtomicFile.WriteAllText(Table, summary.Table);
        if (summary.Best is { } best)
        {
            AtomicFile.WriteAllText(Best, RunFile.Write(search.At(best.Point)));
        }

        if (summary.Schedule is { } schedule)
        {
            AtomicFile.WriteAllText(Schedule, schedule.ToJson());
        }

        await WritePagesAsync(study, metric, Report, cancellation).ConfigureAwait(false);
        return summary;
    }

    /// <summary>Writes the page about the study, and <c>curves.html</c> beside it, with the curves of the best runs.</summary>
    public async Task WritePagesAsync(Study study, string metric, string output, CancellationToken cancellation)
    {
        (string Name, string Folder)[] runs = await study.ViewAsync(BestRuns, cancellation).ConfigureAwait(false);
        string? curves = null;
        if (runs.Length > 0)
        {
            curves = $"{System.IO.Path.GetFileNameWithoutExtension(output)}-curves.html";
            ReportWriter.Write([.. runs.Select(static run => run.Folder)], System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(output))!, curves), [.. runs.Select(static run => run.Name)]);
        }

        var text = new StudyText(study.Name, [metric]) { Curves = curves, Commands = [$"descent train {Shell.Path(Best)}"] };
        await StudyReport.WriteAsync(study, text, output, cancellation).ConfigureAwait(false);
    }

    private static StudySummary Summarize(TrialHistory history, string metric)
    {
        TrialRecord? best = history.Best;
        return new StudySummary(
            TuneText.Counts(history.Trials),
            best is null ? null : new BestTrial(best.Number, best.Objectives[0], best.Configuration, best.Notes.GetValueOrDefault("run")),
            history.Finished.LastOrDefault(static trial => trial.State == TrialState.Failed)?.Reason,
            TableOf(history, metric))
        {
            Schedule = best is not null && history.Trials.Any(static trial => trial.Parent is not null) ? HyperparameterSchedule.Of(history, best.Number) : null,
        };
    }

    private static (string Name, string Folder)[] BestRuns(TrialHistory history) =>
    [
        .. history.Finished.Where(static trial => trial.State == TrialState.Complete).OrderBy(trial => history.Loss(trial))
            .Where(static trial => trial.Notes.TryGetValue("run", out string? run) && File.Exists(System.IO.Path.Combine(run, "metrics.jsonl")))
            .Take(Compared).Select(static trial => ($"trial {trial.Number}: {TuneText.Point(trial.Configuration)}", trial.Notes["run"])),
    ];

    private static string TableOf(TrialHistory history, string metric)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string[] keys = [.. history.Space.Parameters.Select(static parameter => parameter.Name)];
        IEnumerable<string[]> rows = history.Trials.Select(trial => (string[])
        [
            trial.Number.ToString(culture),
            TuneText.StateOf(trial.State),
            TuneText.ValueOf(trial, history)?.ToString("R", culture) ?? "",
            .. keys.Select(key => trial.Configuration.TryGetValue(key, out ParameterValue value) ? value.ToString() : ""),
            trial.Reported.Count > 0 ? trial.Reported[^1].Step.ToString(culture) : "",
            trial.Duration.TotalSeconds.ToString("0.###", culture),
            trial.Attempts.ToString(culture),
            trial.Worker ?? "",
            trial.Reason ?? "",
            trial.Notes.GetValueOrDefault("run", ""),
        ]);
        return CsvText.Of([["trial", "state", metric, .. keys, "step", "seconds", "attempts", "worker", "reason", "run"], .. rows]);
    }
}
