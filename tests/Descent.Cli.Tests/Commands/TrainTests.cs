using System.Diagnostics;
using System.Globalization;
using Descent.Training;

namespace Descent.Cli.Tests.Commands;

/// <summary>Whole runs of a model of a few hundred parameters, each in a process of its own.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_WritesTheWholeRunDirectory()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync(["train", RunFile(), "--out", _folder["run"], "--seed", "7", "--set", "stop.steps=4", "--set", "optimizer.beta2={ from: 0.9, to: 0.99 }"]);

        Assert.Equal("", error);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("step 4/4", output);
        Assert.Contains("report: " + _folder["run/report.html"], output);
        Assert.Matches(@"\n  group  rule +what +tensors", output);
        Assert.Matches(@"\n  main   adamw  hidden matrices, embeddings +\d+", output);
        Assert.Contains("<td>hidden matrices, embeddings</td>", File.ReadAllText(_folder["run/report.html"]));
        Assert.Contains("seed: 7", File.ReadAllText(_folder["run/run.yaml"]));
        Assert.Contains("<h1>run</h1>", File.ReadAllText(_folder["run/report.html"]));
        MetricsLog log = MetricsLog.Read(_folder["run/metrics.jsonl"]);
        Assert.Equal(log.Starts[0].Parameters, log.Starts[0].Routing.Sum(row => row.Elements));
        Assert.Equal(0.9, log.Steps[0].Settings!["optimizer.beta2"]);
        Assert.Contains("optimizer.beta2 <small>", File.ReadAllText(_folder["run/report.html"]));
        Assert.Equal([1, 2, 3, 4], log.Steps.Select(step => step.Step));
        Assert.Equal(StopReason.Steps, log.Stopped!.Reason);
        Assert.Equal([0, 4], log.Samples.Select(sample => sample.Step));
    }

    [Fact]
    public async Task Generate_ContinuesThePromptTheSameWayForTheSameSeed()
    {
        await DescentProcess.RunAsync(["train", RunFile(), "--out", _folder["run"], "--set", "stop.steps=2"]);

        (int code, string first, string error) = await Generate("--seed", "3");
        (_, string again, _) = await Generate("--seed", "3");
        (_, string other, _) = await Generate("--seed", "4");

        Assert.Equal("", error);
        Assert.Equal(ExitCode.Done, code);
        Assert.StartsWith("Sentence", first);
        Assert.True(first.Length > "Sentence\n".Length, first);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        Task<(int ExitCode, string Output, string Error)> Generate(params string[] seed) =>
            DescentProcess.RunAsync(["generate", _folder["run"], "--prompt", "Sentence", "--tokens", "40", .. seed]);
    }

    [Fact]
    public async Task Generate_WithAnImpossibleTemperature_SaysWhatIsAllowed()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync(["generate", _folder["run"], "--temperature", "-1"]);

        Assert.Contains("'--temperature' is -1; allowed: ", error);
        Assert.Equal("", output);
        Assert.Equal(ExitCode.BadInput, code);
    }

    [Fact]
    public async Task Export_WritesTheWeightsOfTheRun()
    {
        await DescentProcess.RunAsync(["train", RunFile(), "--out", _folder["run"], "--set", "stop.steps=2"]);

        (int code, string output, string error) = await DescentProcess.RunAsync(["export", _folder["run"], "--output", _folder["out/model.safetensors"], "--weights", "last"]);

        Assert.Equal("", error);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("the weights of step 2", output);
        Assert.Equal(
            File.ReadAllBytes(_folder["run/checkpoints/step-000002/model.safetensors"]),
            File.ReadAllBytes(_folder["out/model.safetensors"]));
    }

    [Theory(Timeout = 240_000)]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Interrupted_WritesACheckpointAndResumes(string signal)
    {
        using Process process = DescentProcess.Start("train", RunFile(), "--out", _folder["run"], "--set", "stop.steps=1000000", "--set", "checkpoints.every_steps=1000000");
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("step ", StringComparison.Ordinal))
            {
                break;
            }
        }

        using Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        lines.Add(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            process.Kill();
        }

        string output = string.Join('\n', lines);
        Assert.Equal(ExitCode.Interrupted, process.ExitCode);
        Assert.Contains("interrupt once more to quit at once", output);
        Assert.Contains("to go on: descent resume", output);
        MetricsLog log = MetricsLog.Read(_folder["run/metrics.jsonl"]);
        Assert.Equal(StopReason.Interrupted, log.Stopped!.Reason);
        long step = log.Stopped.Step;
        Assert.Equal(step, log.Checkpoints[^1].Step);

        (int code, string resumed, string error) = await DescentProcess.RunAsync(["resume", _folder["run"], "--set", $"stop.steps={step + 3}"]);

        Assert.Equal("", error);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains($"resumed at step {Figures.Whole(step)}", resumed);
        Assert.Equal(step + 3, MetricsLog.Read(_folder["run/metrics.jsonl"]).Steps.Count);
    }

    [Fact]
    public async Task Diverged_IsAFailedRun()
    {
        (int code, string output, _) = await DescentProcess.RunAsync(["train", RunFile(), "--out", _folder["run"], "--set", "optimizer={kind: sgd, learning_rate: 1e35}"]);

        Assert.Contains("not finite", output);
        Assert.Equal(ExitCode.Failed, code);
    }

    [Theory]
    [InlineData("optimzer", "--set", "optimzer.learning_rate=1")]
    [InlineData("--set", "--set", "no-equals-sign")]
    [InlineData("nowhere.txt", "--data", "/nowhere.txt")]
    public async Task BadInput_IsOneLine(string expected, params string[] arguments)
    {
        (int code, string output, string error) = await DescentProcess.RunAsync(["train", RunFile(), "--out", _folder["run"], .. arguments]);

        Assert.Contains(expected, error);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("   at ", output + error);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.False(File.Exists(_folder["run/run.yaml"]));
    }

    private string RunFile()
    {
        File.WriteAllText(_folder["corpus.txt"], string.Concat(Enumerable.Range(0, 200).Select(i => $"Sentence {i} tells of the number {i * i}.\n")));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: gpt, layers: 1, width: 16, heads: 2, context: 16 }
            data: { kind: text, path: '{{_folder["corpus.txt"]}}', tokenizer: byte, context: 16, batch_size: 2 }
            validation: { every_steps: 0, batches: 1 }
            sample: { prompt: Sentence, tokens: 10 }
            stop: { steps: 10 }
            """);
        return _folder["run.yaml"];
    }
}
