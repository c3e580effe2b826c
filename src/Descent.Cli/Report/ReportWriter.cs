using Descent.Training;

namespace Descent.Cli.Report;

/// <summary>Writes <c>report.html</c>: one page with everything in it, about one run or several side by side.</summary>
internal static class ReportWriter
{
    /// <summary>Reads the runs and writes the page.</summary>
    /// <param name="runDirectories">At least one folder of a run; their curves are overlaid in this order.</param>
    /// <param name="output">The file to write; its folder is created, and the file appears complete or not at all.</param>
    /// <param name="names">What the page calls them. Default: their folders' names.</param>
    /// <param name="head">What stands above all that. Default: nothing.</param>
    /// <exception cref="BadInputException">A folder isn't one of a run, or the file can't be written.</exception>
    public static void Write(IReadOnlyList<string> runDirectories, string output, IReadOnlyList<string>? names = null, Html head = default)
    {
        List<RunReport> runs = Named(runDirectories);
        string page = Render(names is null ? runs : [.. runs.Zip(names, static (run, name) => run with { Name = name })], head);
        Page.Save(page, output);
    }

    /// <summary>The page about <paramref name="runs"/>.</summary>
    internal static string Render(IReadOnlyList<RunReport> runs, Html head = default)
    {
        IReadOnlyList<Panel> panels = PanelFactory.Of(runs);
        string title = runs.Count == 1 ? runs[0].Name : $"{runs.Count} runs";

        return Page.Fill(new()
        {
            ["title"] = Html.Of($"{title} · Descent").Markup,
            ["command"] = "descent report",
            ["body"] = head.Markup + ReportBody.Of(runs, panels).Markup,
            ["data"] = CurveData.Write(runs, panels),
            ["script"] = Page.Resource("page.js").TrimEnd(),
        });
    }

    // Folders of the same name get their parent's in front.
    private static List<RunReport> Named(IReadOnlyList<string> runDirectories)
    {
        List<RunReport> runs = [.. runDirectories.Select(RunReport.Read)];
        HashSet<string> shared = [.. runs.GroupBy(run => run.Name).Where(group => group.Skip(1).Any()).Select(group => group.Key)];
        return [.. runs.Zip(runDirectories, (run, directory) => shared.Contains(run.Name) ? run with { Name = $"{Parent(directory)}/{run.Name}" } : run)];
    }

    private static string Parent(string directory) =>
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)))) ?? "";
}
