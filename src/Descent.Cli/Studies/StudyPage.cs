using System.IO.Compression;
using System.Text;
using Descent.Cli.Report;
using Descent.Tuning;

namespace Descent.Cli.Studies;

/// <summary>The page about a study: what was tried, what came of it and what mattered. It loads nothing.</summary>
internal static class StudyPage
{
    // One script, in an order in which the last begins when all others are there.
    private static readonly string[] Scripts = ["study.js", "charts.js", "parallel.js", "surface.js", "trials.js", "start.js"];

    private static readonly Lazy<string> Library = new(static () => Packed(Page.Resource("plotly-full.js")));

    /// <summary>The page.</summary>
    /// <param name="history">The study's trials.</param>
    /// <param name="text">What they don't say.</param>
    /// <param name="now">The time up to which trials are drawn that are under way.</param>
    public static string Render(TrialHistory history, StudyText text, DateTimeOffset now)
    {
        int[] front = StudyChoice.Front(history);
        var timeline = Timeline.Of(history, now);
        return Page.Fill(new()
        {
            ["title"] = Html.Of($"{text.Name} · Descent").Markup,
            ["command"] = "descent tune",
            ["style"] = Page.Resource("page.css").TrimEnd() + "\n" + Page.Resource("study.css").TrimEnd(),
            ["controls"] = StudyBody.Controls(history, text).Markup,
            ["body"] = StudyBody.Of(history, text, front, timeline).Markup,
            ["data"] = StudyData.Write(history, text, front, timeline),
            ["library"] = Library.Value,
            ["script"] = string.Concat(Scripts.Select(static name => Page.Resource(name).TrimEnd() + "\n")).TrimEnd(),
        });
    }

    // All of plotly.js is 4.9 MB, compressed 2.0 MB: contours are in none of the smaller files that its makers ship and a NuGet package holds.
    private static string Packed(string script)
    {
        using var stream = new MemoryStream();
        using (var compressed = new GZipStream(stream, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            compressed.Write(Encoding.UTF8.GetBytes(script));
        }

        // The licence stays readable.
        int end = script.IndexOf("*/", StringComparison.Ordinal);
        string notice = script.StartsWith("/*", StringComparison.Ordinal) && end > 0 ? script[..(end + 2)] : throw new InvalidOperationException("plotly.js doesn't begin with its licence.");
        return $"<!-- {notice.Replace("--", "––", StringComparison.Ordinal)} -->\n<script type=\"application/gzip\" id=\"packed\">{Convert.ToBase64String(stream.GetBuffer(), 0, (int)stream.Length)}</script>\n<script>\n{Page.Resource("unpack.js").TrimEnd()}\n</script>";
    }
}
