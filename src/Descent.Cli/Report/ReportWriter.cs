using System.Text.RegularExpressions;
using Descent.Training;

namespace Descent.Cli.Report;

/// <summary>Writes <c>report.html</c>: one page with everything in it, about one run or several side by side.</summary>
internal static partial class ReportWriter
{
    /// <summary>Reads the runs and writes the page.</summary>
    /// <param name="runDirectories">At least one folder of a run; their curves are overlaid in this order.</param>
    /// <param name="output">The file to write; its folder is created, and the file appears complete or not at all.</param>
    /// <param name="names">What the page calls them. Default: their folders' names.</param>
    /// <exception cref="BadInputException">A folder isn't one of a run, or the file can't be written.</exception>
    public static void Write(IReadOnlyList<string> runDirectories, string output, IReadOnlyList<string>? names = null)
    {
        List<RunReport> runs = Named(runDirectories);
        string page = Render(names is null ? runs : [.. runs.Zip(names, static (run, name) => run with { Name = name })]);
        string full = Path.GetFullPath(output);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            string temporary = full + ".tmp";
            File.WriteAllText(temporary, page);
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The report can't be written to {full}: {exception.Message} Choose another file with --output.", exception);
        }
    }

    /// <summary>The page about <paramref name="runs"/>.</summary>
    internal static string Render(IReadOnlyList<RunReport> runs)
    {
        IReadOnlyList<Panel> panels = PanelFactory.Of(runs);
        string title = runs.Count == 1 ? runs[0].Name : $"{runs.Count} runs";

        // One pass over the template, so that text of a run is never taken for a placeholder.
        return Placeholder().Replace(Resource("page.html"), match => match.Groups[1].Value switch
        {
            "title" => Html.Of($"{title} · Descent").Markup,
            "style" => Resource("page.css").TrimEnd(),
            "body" => ReportBody.Of(runs, panels).Markup,
            "data" => CurveData.Write(runs, panels),
            "plotly" => Resource("plotly.js").TrimEnd(),
            "script" => Resource("page.js").TrimEnd(),
            string other => throw new InvalidOperationException($"page.html has the placeholder {other}, which nothing fills."),
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

    private static string Resource(string name)
    {
        using Stream stream = typeof(ReportWriter).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"descent was built without its resource {name}. Build it again after 'dotnet restore'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Placeholder();
}
