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
        Path = OutputFolder.Resolve(path, OutputFolder.Study);
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

    /// <summary>Where there are several objectives: the run files of the trials on the front.</summary>
    public string Front => System.IO.Path.Combine(Path, "front");

    /// <summary>All trials, a line each.</summary>
    public string Table => System.IO.Path.Combine(Path, "trials.csv");

    /// <summary>What was tried, what came of it and what mattered.</summary>
    public string Report => System.IO.Path.Combine(Path, "report.html");

    /// <summary>Where trials are rounds: the settings of the best one and its ancestors.</summary>
    public string Schedule => System.IO.Path.Combine(Path, "schedule.json");

    /// <summary>Writes down what is searched, or looks whether it is what was searched here before.</summary>
    /// <exception cref="BadInputException">It is something else: its trials could not be compared with those that are here.</exception>
    /// <param name="search">What is searched.</param>
    /// <param name="objectives">What its trials are compared by.</param>
    public void Agree(Search search, TuneObjectives objectives) => OutputFolder.Agree(Path, OutputFolder.Study, search.Describe(objectives), "their trials could not be compared");

    /// <summary>The run file of a trial on the front.</summary>
    /// <param name="trial">Its number.</param>
    public string FrontOf(int trial) => System.IO.Path.Combine(Front, trial.ToString("D6", CultureInfo.InvariantCulture) + ".yaml");

    /// <summary>Writes <c>best.yaml</c>, or a run file for each trial on the front, <c>trials.csv</c> and the pages, and <c>schedule.json</c> where trials are rounds.</summary>
    /// <returns>What a person is told of it.</returns>
    public async Task<StudySummary> WriteAsync(Study study, Search search, TuneObjectives objectives, CancellationToken cancellation)
    {
        StudySummary summary = await study.ViewAsync(history => Summarize(history, objectives.Names), cancellation).ConfigureAwait(false);
        AtomicFile.WriteAllText(Table, summary.Table);
        if (summary.Best is { } best)
        {
            AtomicFile.WriteAllText(Best, RunFile.Write(search.At(best.Point)));
        }

        WriteFront(summary.Front, search);
        if (summary.Schedule is { } schedule)
        {
            AtomicFile.WriteAllText(Schedule, schedule.ToJson());
        }

        await WritePagesAsync(study, objectives.Names, Report, cancellation).ConfigureAwait(false);
        return summary;
    }

    // What is no longer on the front goes last: at any moment all that is on it is there.
    private void WriteFront(IReadOnlyList<FrontTrial> front, Search search)
    {
        HashSet<string> there = [];
        foreach (FrontTrial trial in front)
        {
            string file = FrontOf(trial.Number);
            Directory.CreateDirectory(Front);
            AtomicFile.WriteAllText(file, RunFile.Write(search.At(trial.Point)));
            there.Add(file);
        }

        if (Directory.Exists(Front))
        {
            foreach (string file in Directory.GetFiles(Front, "*.yaml").Where(file => IsOfTrial(file) && !there.Contains(file)))
            {
                File.Delete(file);
            }
        }
    }

    // A file of another name is the user's.
    private static bool IsOfTrial(string file) => System.IO.Path.GetFileNameWithoutExtension(file).All(char.IsAsciiDigit);

    /// <summary>Writes the page about the study, and <c>curves.html</c> beside it, with the curves of the best runs.</summary>
    /// <param name="study">The study.</param>
    /// <param name="objectives">What the objectives are called.</param>
    /// <param name="output">The page's file.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task WritePagesAsync(Study study, IReadOnlyList<string> objectives, string output, CancellationToken cancellation)
    {
        (string Name, string Folder)[] runs = await study.ViewAsync(BestRuns, cancellation).ConfigureAwait(false);
        string? curves = null;
        if (runs.Length > 0)
        {
            curves = $"{System.IO.Path.GetFileNameWithoutExtension(output)}-curves.html";
            ReportWriter.Write([.. runs.Select(static run => run.Folder)], System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(output))!, curves), [.. runs.Select(static run => run.Name)]);
        }

        var text = new StudyText(study.Name, objectives) { Curves = curves, Commands = [$"descent train {Shell.Path(Best)}"], FileOf = trial => Shell.Path(FrontOf(trial)) };
        await StudyReport.WriteAsync(study, text, output, cancellation).ConfigureAwait(false);
    }

    private static StudySummary Summarize(TrialHistory history, IReadOnlyList<string> objectives)
    {
        bool several = objectives.Count > 1;
        TrialRecord? best = several ? null : history.Best;
        return new StudySummary(
            TuneText.Counts(history.Trials),
            best is null ? null : new BestTrial(best.Number, best.Objectives[0], best.Configuration, best.Notes.GetValueOrDefault("run")),
            history.Finished.LastOrDefault(static trial => trial.State == TrialState.Failed)?.Reason,
            TableOf(history, objectives))
        {
            Front = several ? [.. history.Front().Select(static trial => new FrontTrial(trial.Number, trial.Objectives, trial.Configuration, trial.Notes.GetValueOrDefault("run")))] : [],
            Schedule = best is not null && history.Trials.Any(static trial => trial.Parent is not null) ? HyperparameterSchedule.Of(history, best.Number) : null,
        };
    }

    private static (string Name, string Folder)[] BestRuns(TrialHistory history) =>
    [
        .. (history.Directions.Count > 1 ? StudyChoice.Evenly(history.Front(), Compared) : history.Finished.Where(static trial => trial.State == TrialState.Complete).OrderBy(trial => history.Loss(trial)))
            .Where(static trial => trial.Notes.TryGetValue("run", out string? run) && File.Exists(System.IO.Path.Combine(run, "metrics.jsonl")))
            .Take(Compared).Select(static trial => ($"trial {trial.Number}: {TuneText.Point(trial.Configuration)}", trial.Notes["run"])),
    ];

    private static string TableOf(TrialHistory history, IReadOnlyList<string> objectives)
    {
        HashSet<int> front = [.. StudyChoice.Front(history)];
        CultureInfo culture = CultureInfo.InvariantCulture;
        string[] keys = [.. history.Space.Parameters.Select(static parameter => parameter.Name)];
        IEnumerable<string[]> rows = history.Trials.Select(trial => (string[])
        [
            trial.Number.ToString(culture),
            TuneText.StateOf(trial.State),
            .. objectives.Select((_, k) => TuneText.ValueOf(trial, history, k)?.ToString("R", culture) ?? ""),
            .. objectives.Count > 1 ? (string[])[front.Contains(trial.Number) ? "true" : "false"] : [],
            .. keys.Select(key => trial.Configuration.TryGetValue(key, out ParameterValue value) ? value.ToString() : ""),
            trial.Reported.Count > 0 ? trial.Reported[^1].Step.ToString(culture) : "",
            trial.Duration.TotalSeconds.ToString("0.###", culture),
            trial.Attempts.ToString(culture),
            trial.Worker ?? "",
            trial.Reason ?? "",
            trial.Notes.GetValueOrDefault("run", ""),
        ]);
        return CsvText.Of([["trial", "state", .. objectives, .. objectives.Count > 1 ? (string[])["front"] : [], .. keys, "step", "trial_seconds", "attempts", "worker", "reason", "run"], .. rows]);
    }
}
