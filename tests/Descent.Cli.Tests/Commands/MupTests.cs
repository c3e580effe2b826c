using System.Text.Json;
using Descent.Cli.Tuning;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Models;

namespace Descent.Cli.Tests.Commands;

/// <summary>The commands around muP: the coordinate check, tuning by a small model, and export.</summary>
public sealed class MupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CoordinateCheck_ShowsSlopesVerdictsAndThePage()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync(
            ["coordinate-check", Table(), "--widths", "128,16,32,64", "--steps", "3", "--output", _folder["check.html"]]);

        Assert.Equal("", error);
        Assert.Contains("slopes over width 16, 32, 64, 128", output);
        Assert.Matches(@"outputs +[+−]\d\.\d\d", output);
        Assert.Contains("standard: what 3 steps change in", output);
        Assert.Contains("muP: what 3 steps change doesn't depend on the width", output);
        Assert.True(code == ExitCode.Done, output);
        string page = File.ReadAllText(_folder["check.html"]);
        Assert.Contains("Made by <b>descent coordinate-check</b>", page);
        Assert.Contains("id=\"change-mup\"", page);
        Assert.Contains("\"width_independent\":{\"standard\":false,\"mup\":true}", page);
    }

    [Fact]
    public async Task CoordinateCheck_AsJson_PrintsNothingElse()
    {
        (int code, string output, _) = await DescentProcess.RunAsync(["coordinate-check", Table(), "--widths", "8,32", "--steps", "1", "--seeds", "1", "--json"]);

        using var json = JsonDocument.Parse(output);
        Assert.Contains(code, new[] { ExitCode.Done, ExitCode.Failed });
        Assert.Equal(6, json.RootElement.GetProperty("curves").GetArrayLength());
        Assert.Equal(2, json.RootElement.GetProperty("curves")[0].GetProperty("sizes").GetArrayLength());
    }

    [Theory]
    [InlineData("at least two different widths", "--widths", "64")]
    [InlineData("--widths has '6x' in it", "--widths", "64,6x")]
    public async Task CoordinateCheck_OfBadInput_IsOneLine(string expected, params string[] arguments)
    {
        await DescentProcess.RefusedAsync(expected, ["coordinate-check", Table(), .. arguments]);
    }

    [Fact]
    public async Task TuneByProxy_TransfersTheBestSettingsAndTriesThemOnTheLargeModel()
    {
        string[] command =
        [
            "tune", Table(), "--out", _folder["study"], "--trials", "2", "--proxy", "width=8,steps=8", "--verify", "2", "--set", "optimizer.learning_rate=log(1e-3,1e-1)",
            "--set", "model={kind: mlp, widths: [32, 16], parametrization: mup, base_width: 8}",
        ];
        (int code, string output, string error) = await DescentProcess.RunAsync(command);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("proxy: model.widths=[8, 4], stop.steps=8, for mlp, 32 × 16, muP from 8", output);
        Assert.Contains("note: the small model trains for another time", output);
        RunConfiguration best = RunFile.Load(_folder["study/best.yaml"]), transferred = RunFile.Load(_folder["study/transfer.yaml"]);
        Assert.Equal([8, 4], ((MlpOptions)best.Model).Widths);
        Assert.Equal([32, 16], ((MlpOptions)transferred.Model).Widths);
        Assert.Equal((8, 12), (best.Training.Stop!.Steps, transferred.Training.Stop!.Steps));
        Assert.Equal(best.Training.Optimizer.LearningRate, transferred.Training.Optimizer.LearningRate);
        Assert.Matches(@"large model at \S+ \(transferred\): validation/loss \d", output);
        Assert.Matches(@"large model at \S+: validation/loss \d", output);
        Assert.Contains("after another length of training: the two can't be compared", output);
        Assert.Matches("the transferred rate is the best of 2|did better than the transferred rate", output);

        // The same command finds all of it done.
        (code, string again, error) = await DescentProcess.RunAsync(command);

        Assert.True(code == ExitCode.Done, again + error);
        Assert.DoesNotContain("begins", again);
        Assert.Contains(output.Split('\n').Single(static line => line.Contains("(transferred)", StringComparison.Ordinal)), again);
    }

    [Fact]
    public async Task TuneByProxy_InStandardParametrization_IsOneLine()
    {
        await DescentProcess.RefusedAsync(
            "needs model.parametrization mup", "tune", Table(), "--out", _folder["study"], "--set", "optimizer.learning_rate=log(1e-3,1e-1)", "--proxy", "width=4");
        Assert.False(Directory.Exists(_folder["study"]));
    }

    [Fact]
    public async Task TuneByProxy_OfAModelThatCanNotBeMade_IsRefused()
    {
        await DescentProcess.RefusedAsync(
            "--proxy width=15: the small model can't be made: model (gpt): width 15 is not a multiple of heads 2.",
            "tune", Text(), "--out", _folder["study"], "--set", "optimizer.learning_rate=log(1e-3,1e-1)", "--proxy", "width=15");
        Assert.False(Directory.Exists(_folder["study"]));
    }

    [Theory]
    [InlineData("{ kind: mlp, widths: [8], parametrization: mup, base_width: 4 }", "steps=4", "the width is missing")]
    [InlineData("{ kind: mlp, widths: [8], parametrization: mup, base_width: 4 }", "width=x", "width is 'x'")]
    [InlineData("{ kind: mlp, widths: [8], parametrization: mup, base_width: 4 }", "width=4,depth=3", "'depth=3' is none of width=")]
    [InlineData("{ kind: mlp, widths: [8], parametrization: mup, base_width: 4 }", "width=4,optimizer.learning_rate=1", "is searched, and --proxy sets it")]
    [InlineData("{ kind: gpt, parametrization: mup, base_width: 64 }", "width=64,heads=2", "give model.base_heads")]
    [InlineData("{ kind: cnn }", "width=4", "model.kind is cnn")]
    public void Proxy_ThatCannotBe_IsRefused(string model, string proxy, string expected)
    {
        RunConfiguration run = RunFile.Parse($"model: {model}\ndata: {{ kind: text }}\n", "run.yaml");
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => ProxyOptions.Parse(proxy, run, ["optimizer.learning_rate"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, "width=64", "model.width=64")]
    [InlineData(2, "width=64,layers=1,steps=9,data.batch_size=4", "model.width=64", "model.heads=2", "model.layers=1", "stop.steps=9", "data.batch_size=4")]
    public void Proxy_OfAGpt_KeepsTheNumberOfHeadsOrTheirSize(int baseHeads, string proxy, params string[] assignments)
    {
        RunConfiguration run = RunFile.Parse($"model: {{ kind: gpt, width: 128, heads: 4, parametrization: mup, base_width: 64, base_heads: {baseHeads} }}\ndata: {{ kind: text }}\n", "run.yaml");
        Assert.Equal(assignments, ProxyOptions.Parse(proxy, run, []).Assignments);
    }

    /// <summary>A run in muP is resumed, writes text, and its exported weights start a run in standard parametrization at its own loss.</summary>
    [Fact]
    public async Task RunInMup_GoesOnGeneratesAndExportsForStandardParametrization()
    {
        await DoneAsync("train", Text(), "--out", _folder["run"], "--set", "stop.steps=4");
        string output = await DoneAsync("resume", _folder["run"], "--set", "stop.steps=8");
        Assert.Contains("main-hidden", output);
        Assert.Contains("Once", await DoneAsync("generate", _folder["run"], "--prompt", "Once", "--tokens", "5"));
        Assert.Contains("folded in (head.norm.weight, blocks.0.attention.qkv.weight): the weights fit", await DoneAsync("export", _folder["run"], "--output", _folder["plain.safetensors"], "--weights", "last"));
        string[] plain = ["--set", "model.parametrization=standard", "--set", "model.base_width=~", "--set", "optimizer.learning_rate=0", "--set", "stop.steps=1"];

        await DoneAsync(["train", Text(), "--out", _folder["plain"], "--set", $"initialization.from={_folder["plain.safetensors"]}", .. plain]);
        double expected = MetricsLog.Read(_folder["run/metrics.jsonl"]).Validations[^1].Metrics["validation/loss"];
        Assert.Equal(expected, MetricsLog.Read(_folder["plain/metrics.jsonl"]).Validations[^1].Metrics["validation/loss"], 1e-5);

        (int code, _, string error) = await DescentProcess.RunAsync(["train", Text(), "--out", _folder["wrong"], "--set", $"initialization.from={_folder["run"]}", .. plain]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("the weights belong to a model with logits 0.25, queries 0.5, this one has no multipliers", error);

        static async Task<string> DoneAsync(params string[] arguments)
        {
            (int code, string output, string error) = await DescentProcess.RunAsync(arguments);
            Assert.True(code == ExitCode.Done, output + error);
            return output;
        }
    }

    private string Table()
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 200).Select(i => $"{i % 20},{i * i % 17},{(i % 20 > 9 ? "high" : "low")}").Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: mlp, widths: [16, 16] }
            data: { kind: csv, path: '{{_folder["table.csv"]}}', target: y, batch_size: 16, validation: 0.2 }
            optimizer: { kind: adamw, learning_rate: 1e-2 }
            validation: { every_steps: 4 }
            stop: { steps: 12 }
            """);
        return _folder["run.yaml"];
    }

    private string Text()
    {
        File.WriteAllText(_folder["text.txt"], string.Concat(Enumerable.Range(1, 300).Select(static i => $"Once upon a time there were {i} of them. ")));
        File.WriteAllText(_folder["gpt.yaml"], $$"""
            model: { kind: gpt, layers: 1, width: 32, heads: 2, parametrization: mup, base_width: 8 }
            data: { kind: text, path: '{{_folder["text.txt"]}}', tokenizer: byte, context: 16, batch_size: 4 }
            optimizer: { kind: adamw, learning_rate: 1e-2 }
            sample: { tokens: 0 }
            """);
        return _folder["gpt.yaml"];
    }
}
