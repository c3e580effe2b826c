using System.Text.Json;
using System.Text.RegularExpressions;
using Descent.Cli.Report;
using Descent.Training;

namespace Descent.Cli.Tests.Report;

public sealed partial class ReportWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("<h1>tales</h1>")]
    [InlineData("gpt, 6 layers × 384, 10.7 M parameters")]
    [InlineData("text ./corpus, 3.2 M tokens, 5 % held out")]
    [InlineData("adamw, rate 3e-4, weight decay 0.1")]
    [InlineData("All 40 steps are done.")]
    [InlineData("<dt>Best validation loss</dt><dd>0.1250<small>at step 40</small>")]
    [InlineData("<dt>Final validation loss</dt><dd>0.1250<")]
    [InlineData("<dt>Training loss</dt><dd>0.7956<")]
    [InlineData("<dt>Steps</dt><dd>40<small>0.4 epochs</small>")]
    [InlineData("<dt>Time</dt><dd>0:20<small>2026-11-23 12:00 UTC</small>")]
    [InlineData("<dt>Throughput</dt><dd>12,345<small>tokens per second, median</small>")]
    [InlineData("<dt>Peak memory</dt><dd>1.5 GiB<")]
    [InlineData("<dt>Parameters</dt><dd>10.7 M<small>10,712,832</small>")]
    [InlineData("<b>  learning_rate</b>: 3e-4")]
    [InlineData("<h2>Before training</h2><pre><mark>Once</mark>qzx</pre>")]
    [InlineData("<h2>After 40 steps</h2><pre><mark>Once</mark> upon a time</pre>")]
    public void Write_OfARun_HasItsFigures(string expected)
    {
        // × is written as it is or as an entity; both read the same.
        string page = Written(RunFolder.WriteUsual(_folder, "tales")).Replace("&#215;", "×", StringComparison.Ordinal);

        Assert.Contains(expected, page);
    }

    [Fact]
    public void Write_OfARun_DrawsEveryCurve()
    {
        JsonElement data = Data(Written(RunFolder.WriteUsual(_folder, "tales")));
        Dictionary<string, JsonElement> panels = data.GetProperty("panels").EnumerateArray().ToDictionary(panel => panel.GetProperty("id").GetString()!);

        Assert.Equal(["loss", "memory", "norm", "rate", "terms", "throughput", "validation-0"], panels.Keys.Order(StringComparer.Ordinal));
        JsonElement training = Trace(panels["loss"], "training");
        Assert.Equal(Enumerable.Range(1, 40).Select(step => (double)step), Numbers(training, "step"));
        Assert.Equal(Enumerable.Range(1, 40).Select(step => 5 / Math.Sqrt(step)), Numbers(training, "y"), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(Enumerable.Range(1, 40).Select(step => step * 0.5), Numbers(training, "time"));
        Assert.Equal([0.5, 0.25, 0.166667, 0.125], Numbers(Trace(panels["loss"], "validation"), "y"));
        Assert.Equal(3, Trace(panels["loss"], "validation").GetProperty("best").GetInt32());
        Assert.All(Numbers(Trace(panels["rate"], "rate"), "y"), rate => Assert.Equal(3e-4, rate));
        Assert.All(Numbers(Trace(panels["norm"], "norm"), "y"), norm => Assert.Equal(0.8125, norm));
        Assert.All(Numbers(Trace(panels["memory"], "peak"), "y"), gibibytes => Assert.Equal(1.46484, gibibytes));
        Assert.All(Numbers(Trace(panels["throughput"], "throughput"), "y"), speed => Assert.Equal(12345, speed));
    }

    [Fact]
    public void Write_Page_LoadsNothing()
    {
        string page = Written(RunFolder.WriteUsual(_folder, "tales"));

        Assert.DoesNotMatch(@"(?i)<(script|link|img|iframe|object)[^>]*\b(src|href)\s*=\s*[""']?\s*(https?:|//|file:)", page);
        Assert.Contains("default-src 'none'", page);
        Assert.Matches(@"plotly\.js \(basic - minified\) v[\d.]+\s*\n\* Copyright [\d-]+, Plotly, Inc\.", page);
        Assert.DoesNotContain("{{", Body(page));
    }

    [Fact]
    public void Write_HostileText_StaysText()
    {
        const string Hostile = "</script><script>alert(1)</script> {{body}} & \" ' 😀 \u0000\u001b[31m \ud800 end";
        string directory = RunFolder.Write(
            _folder,
            "<img src=x onerror=alert(2)>",
            file =>
            {
                file.OnSample(new SampleReport(0, Hostile, Hostile));
                file.OnStep(Events.Step(1) with { Terms = new Dictionary<string, double> { [Hostile] = 1 } });
                file.OnWarning(Hostile);
            },
            Events.Started() with { Model = Hostile, Configuration = "key: " + Hostile });

        string page = Written(directory);

        Assert.Equal(3, ScriptStart().Count(page));
        Assert.DoesNotContain("<img", page);
        Assert.DoesNotContain("alert(1)</script>", page);
        Assert.DoesNotContain('\0', page);
        Assert.DoesNotContain('\u001b', Body(page));
        Assert.Equal(5, Occurrences(Body(page), "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; {{body}} &amp; &quot; &#39; &#128512; "));
        Assert.Contains(Hostile.Replace('\ud800', '\ufffd'), Data(page).GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("traces").EnumerateArray()).Select(trace => trace.GetProperty("name").GetString()));
    }

    [Fact]
    public void Write_OfSeveralRuns_ComparesThem()
    {
        string first = RunFolder.WriteUsual(_folder, "first");
        string second = RunFolder.Write(
            _folder,
            "second",
            file => file.OnStep(Events.Step(1)),
            Events.Started() with { Configuration = "model: { kind: mlp }\nseed: 7\n" });

        string page = Written(first, second);

        Assert.Contains("<h1>2 runs compared</h1>", page);
        Assert.Equal(["first", "second"], Data(page).GetProperty("runs").EnumerateArray().Select(run => run.GetString()));
        Assert.Contains("<tr><td>model.kind</td><td>gpt</td><td>mlp</td></tr>", page);
        Assert.Contains("<tr><td>seed</td><td>–</td><td>7</td></tr>", page);
        Assert.Contains("not finished", page);
    }

    [Fact]
    public void Write_RunsOfTheSameName_AreToldApart()
    {
        string page = Written(RunFolder.WriteUsual(_folder, "a/run"), RunFolder.WriteUsual(_folder, "b/run"));

        Assert.Equal(["a/run", "b/run"], Data(page).GetProperty("runs").EnumerateArray().Select(run => run.GetString()));
    }

    [Fact]
    public void Write_OfARunWithoutSteps_StillShowsWhatWasStarted() =>
        Assert.Contains("no end is recorded", Written(RunFolder.Write(_folder, "young", _ => { })), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Write_OfALongRun_IsSmallAndKeepsItsPeaks()
    {
        string directory = RunFolder.Write(_folder, "long", file =>
        {
            for (int step = 1; step <= 20_000; step++)
            {
                file.OnStep(Events.Step(step, step == 12_345 ? 99 : step == 15_000 ? double.NaN : 2));
            }
        });

        string page = Written(directory);

        JsonElement loss = Data(page).GetProperty("panels").EnumerateArray().First();
        double[] raw = Numbers(Trace(loss, "training, single steps"), "y");
        Assert.Contains(99, raw);
        Assert.Contains(double.NaN, raw);
        Assert.InRange(raw.Length, 1000, 2002);
        Assert.Equal(1000, Numbers(Trace(loss, "training"), "y").Length);
        Assert.InRange(page.Length, 1_000_000, 2_000_000);
    }

    [Fact]
    public void Write_WhereThereIsNoRun_SaysWhatIsAllowed()
    {
        Assert.Contains("There is no run directory", Refused(_folder["none"]));
        Assert.Contains("There is no metrics file", Refused(_folder.Path));

        string Refused(string directory) => Assert.Throws<BadInputException>(() => ReportWriter.Write([directory], _folder["x.html"])).Message;
    }

    private string Written(params string[] directories)
    {
        ReportWriter.Write(directories, _folder["out/report.html"]);
        Assert.Equal([_folder["out/report.html"]], Directory.GetFiles(_folder["out"]));
        return File.ReadAllText(_folder["out/report.html"]);
    }

    private static string Body(string page) => page[page.IndexOf("<main>", StringComparison.Ordinal)..page.IndexOf("</main>", StringComparison.Ordinal)];

    private static JsonElement Data(string page) => JsonDocument.Parse(DataScript().Match(page).Groups[1].Value).RootElement;

    private static JsonElement Trace(JsonElement panel, string name) =>
        panel.GetProperty("traces").EnumerateArray().Single(trace => trace.GetProperty("name").GetString() == name);

    private static double[] Numbers(JsonElement trace, string name) =>
        [.. trace.GetProperty(name).EnumerateArray().Select(number => number.ValueKind == JsonValueKind.Null ? double.NaN : number.GetDouble())];

    private static int Occurrences(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

    [GeneratedRegex("(?i)<script[\\s>]")]
    private static partial Regex ScriptStart();

    [GeneratedRegex("<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex DataScript();
}
