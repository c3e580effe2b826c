using System.Text.RegularExpressions;
using Descent.Training;
using Descent.Training.Checkpoints;

namespace Descent.Cli.Report;

/// <summary>The frame of every page: style, plotting library and theme, all in one file.</summary>
internal static partial class Page
{
    private const string RunControls = """
        <div class="choice" role="group" aria-label="Horizontal axis">
              <button type="button" data-axis="step" aria-pressed="true">steps</button>
              <button type="button" data-axis="time" aria-pressed="false">time</button>
            </div>
            <label class="slider">smoothing <input id="smoothing" type="range" min="0" max="0.99" step="0.01"></label>
        """;

    /// <summary>Fills the frame: <c>title</c>, <c>command</c>, <c>body</c>, <c>data</c> and <c>script</c> are the caller's; <c>style</c>, <c>library</c> and <c>controls</c> may be.</summary>
    public static string Fill(Dictionary<string, string> parts) =>

        // One pass over the template, so that text of a run is never taken for a placeholder.
        Placeholder().Replace(Resource("page.html"), match => match.Groups[1].Value switch
        {
            string name when parts.TryGetValue(name, out string? part) => part,
            "style" => Resource("page.css").TrimEnd(),
            "controls" => RunControls,
            "library" => $"<script>\n{Resource("plotly.js").TrimEnd()}\n</script>",
            string other => throw new InvalidOperationException($"page.html has the placeholder {other}, which nothing fills."),
        });

    /// <summary>A text that the program carries.</summary>
    public static string Resource(string name)
    {
        using Stream stream = typeof(Page).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"descent was built without its resource {name}. Build it again after 'dotnet restore'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Writes a page; its folder is created, and the file appears complete or not at all. A file that is no page isn't written over.</summary>
    /// <exception cref="BadInputException">The file can't be written.</exception>
    public static void Save(string page, string output)
    {
        string full = Path.GetFullPath(output);
        try
        {
            OutputFile.RequirePage(full);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            AtomicFile.WriteAllText(full, page);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The report can't be written to {full}: {exception.Message} Choose another file with --output.", exception);
        }
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Placeholder();
}
