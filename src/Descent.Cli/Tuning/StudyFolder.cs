using System.Globalization;
using Descent.Cli.Report;
using Descent.Training;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>The folder of a study: what it searches, its journal, its trials' folders, and what came of it.</summary>
internal sealed class StudyFolder
{
    private const int Compared = 8;

    /// <summary>Makes the folder where there is none.</summary>
    public StudyFolder(string path)
    {
        Path = string.IsNullOrWhiteSpace(path) ? throw new BadInputException("the study's folder is an empty name; give a folder with --out") : System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Trials);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{Path}: cannot be made ({exception.Message}); give another folder with --out", exception);
        }
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

    /// <summary>The curves of the best trials.</summary>
    public string Report => System.IO.Path.Combine(Path, "report.html");

    private string Description => System.IO.Path.Combine(Path, "study.yaml");

    /// <summary>Writes down what is searched, or looks whether it is what was searched here before.</summary>
    /// <exception cref="BadInputException">It is something else: its trials could not be compared with those that are here.</exception>
    public void Agree(Search search)
    {
        string wanted = search.Describe();
        if (!File.Exists(Description))
        {
            AtomicFile.WriteAllText(Description, wanted);
            return;
        }

        string[] there = File.ReadAllText(Description).Split('\n'), asked = wanted.Split('\n');
        string[] lost = [.. there.Except(asked)], added = [.. asked.Except(there)];
        if (lost.Length + added.Length > 0)
        {
            throw new BadInputException(
                $"{Path}: holds a study of other settings: {Shown(lost)} there, {Shown(added)} here, and their trials could not be compared. Give the same settings (they stand in {Description}), or another folder with --out");
        }
    }

    /// <summary>Writes <c>best.yaml</c>, <c>trials.csv</c> and <c>report.html</c>.</summary>
    /// <returns>What a person is told of it; null where there is no best trial.</returns>
    public async Task<StudySummary> WriteAsync(Study study, Search search, CancellationToken cancellation)
    {
        string metric = search.Validation.Metric;
        StudySummary summary = await study.ViewAsync(history => Summarize(history, metric), cancellation).ConfigureAwait(false);
        AtomicFile.WriteAllText(Table, summary.Table);
        if (summary.Best is { } best)
        {
            AtomicFile.WriteAllText(Best, RunFile.Write(search.At(best.Point)));
        }

        (string Name, string Folder)[] runs = [.. summary.Runs.Where(static run => File.Exists(System.IO.Path.Combine(run.Folder, "metrics.jsonl")))];
        if (runs.Length > 0)
        {
            ReportWriter.Write([.. runs.Select(static run => run.Folder)], Report, [.. runs.Select(static run => run.Name)]);
        }

        return summary with { HasReport = runs.Length > 0 };
    }

    private static string Shown(string[] lines) => lines.Length == 0 ? "nothing more" : string.Join("; ", lines.Take(3).Select(static line => $"'{line.Trim()}'")) + (lines.Length > 3 ? "; …" : "");

    private static StudySummary Summarize(TrialHistory history, string metric)
    {
        TrialRecord[] complete = [.. history.Finished.Where(static trial => trial.State == TrialState.Complete).OrderBy(trial => history.Loss(trial))];
        TrialRecord? best = history.Best;
        return new StudySummary(
            TuneText.Counts(history.Trials),
            best is null ? null : new BestTrial(best.Number, best.Objectives[0], best.Configuration, best.Notes.GetValueOrDefault("run")),
            history.Finished.LastOrDefault(static trial => trial.State == TrialState.Failed)?.Reason,
            TableOf(history, metric),
            [.. complete.Where(static trial => trial.Notes.ContainsKey("run")).Take(Compared).Select(static trial => ($"trial {trial.Number}: {TuneText.Point(trial.Configuration)}", trial.Notes["run"]))]);
    }

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
