using Descent.Cli.Progress;
using Descent.Cli.Studies;
using Descent.Training.Folds;
using Descent.Tuning;
using Spectre.Console;

namespace Descent.Cli.Tuning;

/// <summary>The Pareto front of a study as lines: a table, and what a person can do with it.</summary>
internal static class FrontText
{
    private const int MostRows = 20;

    /// <summary>The lines; none: no trial is complete, or there is one objective.</summary>
    /// <param name="front">The front.</param>
    /// <param name="objectives">What trials are compared by.</param>
    /// <param name="search">What is searched.</param>
    /// <param name="folder">Where the run files are.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<FrontTrial> front, TuneObjectives objectives, Search search, StudyFolder folder)
    {
        if (front.Count == 0)
        {
            yield break;
        }

        yield return $"Pareto front: {Figures.Of(front.Count, "trial")} that no other is better than in {(objectives.All.Count == 2 ? "both" : "all")}";
        foreach (string line in Table(front, objectives, search.Space, Width()))
        {
            yield return "  " + line;
        }

        if (front.Count > MostRows)
        {
            yield return $"  {MostRows} of {front.Count}, evenly spread; all of them are marked in {Shell.Path(folder.Table)}";
        }

        string held = FoldChoice.Runs(search.At(front[0].Point)).Count > 0 ? " --set validation.folds=~" : "";
        yield return $"run files of the front: {Shell.Path(folder.Front)}";
        yield return $"to train one of them anew: descent train {Shell.Path(folder.FrontOf(front[0].Number))}{held}";
    }

    /// <summary>A line for each trial: number, results, settings as far as they fit.</summary>
    /// <param name="front">The front.</param>
    /// <param name="objectives">What trials are compared by.</param>
    /// <param name="space">What is searched.</param>
    /// <param name="width">Columns that there are.</param>
    public static IReadOnlyList<string> Table(IReadOnlyList<FrontTrial> front, TuneObjectives objectives, SearchSpace space, int width)
    {
        FrontTrial[] rows = [.. StudyChoice.Evenly(front, MostRows)];
        List<string[]> columns =
        [
            ["trial", .. rows.Select(static row => $"{row.Number}")],
            .. objectives.All.Select((objective, k) => (string[])[objective.Name, .. rows.Select(row => objective.Format(row.Values[k]))]),
        ];
        int used = columns.Sum(Widest);
        foreach ((string name, Parameter parameter) in TuneText.ShortNames(space).Zip(space.Parameters))
        {
            string[] column = [name, .. rows.Select(row => row.Point.TryGetValue(parameter.Name, out ParameterValue value) ? TuneText.Value(value) : "–")];
            used += Widest(column);
            if (used > width)
            {
                columns.Add(["…", .. rows.Select(static _ => "")]);
                break;
            }

            columns.Add(column);
        }

        return TextTable.Lines([.. Enumerable.Range(0, rows.Length + 1).Select(line => (IReadOnlyList<string>)[.. columns.Select(column => column[line])])]);
    }

    private static int Widest(string[] column) => column.Max(static cell => cell.Length) + 2;

    // A file has room for all.
    private static int Width() => ProgressDisplay.IsLive(AnsiConsole.Console, Console.IsOutputRedirected, Environment.GetEnvironmentVariable) ? AnsiConsole.Profile.Width - 4 : int.MaxValue;
}
