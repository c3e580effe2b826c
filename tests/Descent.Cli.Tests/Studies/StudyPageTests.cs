using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Descent.Cli.Studies;
using Descent.Tuning;

namespace Descent.Cli.Tests.Studies;

public sealed partial class StudyPageTests
{
    [Fact]
    public async Task Render_OfAStudy_HasEveryChartAndFigure()
    {
        await using Study study = await Histories.StudyAsync(30, Histories.MixedAsync);

        string page = await Histories.PageAsync(study, "curves.html");

        Assert.Contains("<h1>demo &lt;study&gt;</h1>", page);
        Assert.Contains("30 trials over 5 parameters: 17 complete, 6 pruned, 7 failed", page);
        Assert.Contains("<a href=\"curves.html\">", page);
        Assert.Contains("descent train best.yaml", page);
        foreach (string id in (string[])["history", "importance", "surface", "parallel", "slices", "curves", "timeline", "trials"])
        {
            Assert.Contains($"id=\"{id}\"", page);
        }

        // Nothing is loaded, and no text of the study ends a script.
        Assert.Contains("default-src 'none'", page);
        Assert.DoesNotMatch("""(src|href)="(?!curves|data:)""", page);
        Assert.DoesNotContain("step 37, </script>", page);
        Assert.DoesNotContain("</script><b>", page);
    }

    [Fact]
    public async Task Data_HoldsEveryTrialAsItEnded()
    {
        await using Study study = await Histories.StudyAsync(30, Histories.MixedAsync);

        JsonElement data = Data(await Histories.PageAsync(study));

        JsonElement trials = data.GetProperty("trials");
        Assert.Equal(Enumerable.Range(0, 30).Select(static t => t == 2 || t % 5 == 3 ? 4 : t % 5 == 4 ? 3 : 2), Numbers(trials.GetProperty("state")).Select(static state => (int)state!));
        double?[] values = [.. Numbers(trials.GetProperty("values")[0])];
        Assert.Null(values[2]);
        Assert.NotNull(values[0]);
        Assert.All(Enumerable.Range(0, 30).Where(static t => t % 5 > 2), t => Assert.Null(values[t]));
        Assert.All(Numbers(trials.GetProperty("reached")).Select(static (reached, t) => (reached, t)), static one => Assert.Equal(one.t % 5 == 4, one.reached is not null));

        // A condition that doesn't hold: the parameter isn't there.
        double?[] kinds = [.. Numbers(trials.GetProperty("parameters")[0])], betas = [.. Numbers(trials.GetProperty("parameters")[2])];
        Assert.All(kinds.Zip(betas), static pair => Assert.Equal(pair.First == 0, pair.Second is not null));
        Assert.Contains(null, betas);
        Assert.Contains("the loss is not finite at step 37, </script>", data.GetProperty("reasons").EnumerateArray().Select(static reason => reason.GetString()));
        Assert.Equal(24, data.GetProperty("reporting").GetInt32());
        Assert.All(data.GetProperty("curves").EnumerateArray(), static curve => Assert.Equal([100, 200, 300], Numbers(curve.GetProperty("steps"))));
        Assert.Equal(30, data.GetProperty("timeline").GetProperty("trial").GetArrayLength());
        Assert.Equal("machine:1", data.GetProperty("timeline").GetProperty("lanes")[0].GetString());
    }

    [Fact]
    public async Task Data_SaysWhatMattered()
    {
        await using Study study = await Histories.StudyAsync(60);

        JsonElement found = Data(await Histories.PageAsync(study)).GetProperty("importance")[0];

        Assert.Equal("optimizer.learning_rate", found.GetProperty("main")[0].GetProperty("names")[0].GetString());
        Assert.InRange(found.GetProperty("main")[0].GetProperty("share")[0].GetDouble(), 0.5, 1);
        Assert.Equal(60, found.GetProperty("trials").GetInt32());
        JsonElement marginal = found.GetProperty("marginals")[1];
        double[] at = [.. Numbers(marginal.GetProperty("at")).Select(static x => x!.Value)], mean = [.. Numbers(marginal.GetProperty("mean")).Select(static x => x!.Value)];
        Assert.Equal(1e-5, at[0], 1e-9);
        Assert.Equal(1e-1, at[^1], 1e-6);
        Assert.InRange(at[Array.IndexOf(mean, mean.Min())], 1e-4, 1e-2);
    }

    [Fact]
    public async Task Data_OfAMaximizedObjective_HasItsMarginalsTheRightWayRound()
    {
        await using Study study = await Histories.StudyAsync(60, static trial => Task.FromResult<TrialResult>(10 - Histories.Loss(trial)), [Direction.Maximize]);

        JsonElement data = Data(await Histories.PageAsync(study));

        Assert.False(data.GetProperty("objectives")[0].GetProperty("lower").GetBoolean());
        double[] mean = [.. Numbers(data.GetProperty("importance")[0].GetProperty("marginals")[1].GetProperty("mean")).Select(static x => x!.Value)];
        Assert.All(mean, static value => Assert.InRange(value, 4, 10));
        Assert.InRange(Array.IndexOf(mean, mean.Max()), 10, 30);
    }

    [Fact]
    public async Task Render_OfSeveralObjectives_HasTheirFront()
    {
        await using Study study = await Histories.StudyAsync(
            40, static trial => Task.FromResult(TrialResult.Complete(Histories.Loss(trial), trial.Configuration["model.width"].AsNumber())), [Direction.Minimize, Direction.Maximize]);

        string page = await Histories.PageAsync(study);

        Assert.Contains("id=\"pareto\"", page);
        Assert.Contains("<option value=\"1\">objective 2</option>", page);
        JsonElement data = Data(page);
        (double Loss, double Width)[] points = [.. Numbers(data.GetProperty("trials").GetProperty("values")[0]).Zip(Numbers(data.GetProperty("trials").GetProperty("values")[1]), static (a, b) => (a!.Value, b!.Value))];
        int[] expected = [.. Enumerable.Range(0, 40).Where(t => !points.Any(p => p.Loss <= points[t].Loss && p.Width >= points[t].Width && p != points[t]))];
        Assert.Equal(expected, Numbers(data.GetProperty("front")).Select(static t => (int)t!).Order());
        Assert.Equal(2, data.GetProperty("importance").GetArrayLength());
    }

    [Fact]
    public async Task Render_OfAStudyOfRuns_HasATableOfTheFrontWithUnits()
    {
        await using Study study = await Histories.StudyAsync(
            4, static trial => Task.FromResult(TrialResult.Complete(1 - (trial.Number % 2), (trial.Number + 1) << 20)), [Direction.Minimize, Direction.Minimize]);
        var text = new StudyText("demo", ["validation/loss", "peak_memory"]) { FileOf = static trial => $"front/{trial}.yaml" };

        string runs = await RenderAsync(text), others = await RenderAsync(text with { FileOf = null });

        // Of the odd trials 1 is the smallest, of the even ones 0.
        Assert.Contains("<tr><td>1</td><td>0</td><td>2.0 MiB</td>", runs);
        Assert.Contains("<tr><td>0</td><td>1.000</td><td>1.0 MiB</td>", runs);
        Assert.DoesNotContain("<tr><td>2</td>", runs);
        Assert.Contains("2 trials that no other is better than in all", runs);
        Assert.Contains("descent train front/1.yaml", runs);
        Assert.True(Data(runs).GetProperty("objectives")[1].GetProperty("bytes").GetBoolean());

        // What a program of its own calls peak_memory may be in any unit.
        Assert.Contains("<tr><td>0</td><td>1.000</td><td>1.049e6</td>", others);
        Assert.False(Data(others).GetProperty("objectives")[1].TryGetProperty("bytes", out _));

        Task<string> RenderAsync(StudyText text) => study.ViewAsync(history => StudyPage.Render(history, text, DateTimeOffset.UtcNow), TestContext.Current.CancellationToken).AsTask();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Render_OfFewTrials_HasNoImportance(int trials)
    {
        await using Study study = await Histories.StudyAsync(trials);

        string page = await Histories.PageAsync(study);

        Assert.Equal(JsonValueKind.Null, Data(page).GetProperty("importance")[0].ValueKind);
        Assert.Equal(trials > 0, page.Contains("id=\"history\"", StringComparison.Ordinal));
        Assert.Contains(trials == 0 ? "no trial was begun yet" : $"{trials} {(trials == 1 ? "trial" : "trials")} over", page);
    }

    [Fact]
    public async Task Render_OfNothingButFailures_Works()
    {
        await using Study study = await Histories.StudyAsync(5, static _ => Task.FromResult(TrialResult.Failed("no")));

        string page = await Histories.PageAsync(study);

        Assert.Contains("5 failed", page);
        Assert.DoesNotContain("id=\"parallel\"", page);
    }

    [Fact]
    public async Task Render_OfManyTrials_DrawsSomeAndTabulatesAll()
    {
        await using Study study = await Histories.StudyAsync(2600);

        JsonElement data = Data(await Histories.PageAsync(study));

        Assert.Equal(2600, data.GetProperty("trials").GetProperty("state").GetArrayLength());
        int[] points = [.. Numbers(data.GetProperty("points")).Select(static t => (int)t!)];
        Assert.Equal(2000, points.Distinct().Count());
        Assert.Equal(points.Order(), points);
        double[] losses = [.. Numbers(data.GetProperty("trials").GetProperty("values")[0]).Select(static value => value!.Value)];
        Assert.Contains(Array.IndexOf(losses, losses.Min()), points);
        Assert.Equal(600, data.GetProperty("lines").GetArrayLength());
    }

    [Fact]
    public async Task Library_IsAllOfPlotlyAndKeepsItsLicence()
    {
        await using Study study = await Histories.StudyAsync(1);

        string page = await Histories.PageAsync(study);

        Assert.Contains("Licensed under the MIT license", page);
        using var packed = new MemoryStream(Convert.FromBase64String(Packed().Match(page).Groups[1].Value));
        using var script = new StreamReader(new GZipStream(packed, CompressionMode.Decompress), Encoding.UTF8);
        string library = script.ReadToEnd();
        Assert.Contains("plotly.js v", library);
        Assert.True(library.Length > 4_000_000);
        Assert.InRange(page.Length, 1_500_000, 2_300_000);
    }

    private static JsonElement Data(string page) => JsonDocument.Parse(DataElement().Match(page).Groups[1].Value).RootElement;

    private static IEnumerable<double?> Numbers(JsonElement array) => array.EnumerateArray().Select(static number => number.ValueKind == JsonValueKind.Null ? (double?)null : number.GetDouble());

    [GeneratedRegex("""<script type="application/json" id="data">(.*)</script>""")]
    private static partial Regex DataElement();

    [GeneratedRegex("""<script type="application/gzip" id="packed">(.*)</script>""")]
    private static partial Regex Packed();
}
