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
        Path = OutputFolder.Resolve(path, OutputFolder.Comparison);
        OutputFolder.Make(Path, () => Directory.CreateDirectory(Runs));
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The journal.</summary>
    public string Journal => In("journal.db");

    /// <summary>The runs' folders.</summary>
    public string Runs => In("runs");

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
    public void Agree(string wanted) => OutputFolder.Agree(Path, OutputFolder.Comparison, wanted, "their runs could not be compared");

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
            run.StepsAreAtMost ? "yes" : "",
            row.Figures.StepSeconds?.ToString("R", culture) ?? "",
            row.Figures.StateBytes?.ToString(culture) ?? "",
            row.Figures.PeakMemory?.ToString(culture) ?? "",
            run.Reason ?? "",
            run.Notes.TryGetValue("run", out string? at) ? System.IO.Path.GetRelativePath(Path, at) : "",
        ]));
        return CsvText.Of([["optimizer", "seed", outcome.Metric, "steps_to_target", "steps_are_at_most", "step_seconds", "state_bytes", "peak_memory", "failure", "run"], .. rows]);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
