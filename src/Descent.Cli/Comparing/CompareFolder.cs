using System.Globalization;
using Descent.Training;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Tuning.Races;

namespace Descent.Cli.Comparing;

/// <summary>The folder of a comparison: what is compared, the journal, the runs, and what came of them.</summary>
internal sealed class CompareFolder
{
    /// <summary>Makes the folder where there is none.</summary>
    public CompareFolder(string path)
    {
        Path = string.IsNullOrWhiteSpace(path) ? throw new BadInputException("the comparison's folder is an empty name; give a folder with --out") : System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Runs);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{Path}: cannot be made ({exception.Message}); give another folder with --out", exception);
        }
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The journal.</summary>
    public string Journal => In("journal.db");

    /// <summary>The runs' folders.</summary>
    public string Runs => In("runs");

    /// <summary>The tokenizer that all runs share.</summary>
    public string Tokenizer => In("tokenizer");

    /// <summary>The page.</summary>
    public string Page => In("compare.html");

    /// <summary>All of it, for programs.</summary>
    public string Json => In("compare.json");

    /// <summary>A line for each run.</summary>
    public string Csv => In("compare.csv");

    /// <summary>The run file with an optimizer's best settings.</summary>
    public string Best(string optimizer) => System.IO.Path.Combine(In("best"), $"{optimizer}.yaml");

    /// <summary>Writes down what all runs have in common, or looks whether it is what was compared here before.</summary>
    /// <exception cref="BadInputException">It is something else.</exception>
    public void Agree(string wanted)
    {
        string description = In("compare.yaml");
        if (!File.Exists(description))
        {
            AtomicFile.WriteAllText(description, wanted);
            return;
        }

        string[] there = File.ReadAllText(description).Split('\n'), asked = wanted.Split('\n');
        string[] lost = [.. there.Except(asked)], added = [.. asked.Except(there)];
        if (lost.Length + added.Length > 0)
        {
            throw new BadInputException(
                $"{Path}: holds a comparison of other settings: {Shown(lost)} there, {Shown(added)} here, and their runs could not be compared. Give the same settings (they stand in {description}), or another folder with --out");
        }
    }

    /// <summary>Writes the page, <c>compare.json</c>, <c>compare.csv</c> and the best run files.</summary>
    public void Write(Outcome outcome, CompareSetup setup, string name)
    {
        Directory.CreateDirectory(In("best"));
        foreach (RaceEntry entry in outcome.Result.Entries.Where(static entry => entry.Settings is not null))
        {
            AtomicFile.WriteAllText(Best(entry.Name), RunFile.Write(setup.Best(entry.Name, entry.Settings!)));
        }

        AtomicFile.WriteAllText(Json, CompareDocument.Write(outcome, Path));
        AtomicFile.WriteAllText(Csv, Table(outcome));
        Report.Page.Save(ComparePage.Render(name, outcome, setup.About), Page);
    }

    private string Table(Outcome outcome)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        IEnumerable<string[]> rows = outcome.Rows.SelectMany(row => row.Entry.Runs.Select(run => (string[])
        [
            row.Entry.Name,
            run.Seed.ToString(culture),
            run.Value?.ToString("R", culture) ?? "",
            run.StepsToTarget?.ToString("0.##", culture) ?? "",
            row.Figures.StepSeconds?.ToString("R", culture) ?? "",
            row.Figures.StateBytes?.ToString(culture) ?? "",
            row.Figures.PeakMemory?.ToString(culture) ?? "",
            run.Reason ?? "",
            run.Notes.TryGetValue("run", out string? at) ? System.IO.Path.GetRelativePath(Path, at) : "",
        ]));
        return CsvText.Of([["optimizer", "seed", outcome.Metric, "steps_to_target", "step_seconds", "state_bytes", "peak_memory", "failure", "run"], .. rows]);
    }

    private static string Shown(string[] lines) => lines.Length == 0 ? "nothing more" : string.Join("; ", lines.Take(3).Select(static line => $"'{line.Trim()}'")) + (lines.Length > 3 ? "; …" : "");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
