using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Descent.Training;
using Descent.Training.Configuration;

namespace Descent.Cli.Tests.Commands;

/// <summary>Population Based Training through the command line, with a model of a few dozen parameters, and how samplers and pruners are named.</summary>
public sealed class TuneRoundsTests : IDisposable
{
    private const int Round = 8;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tune_WithPbt_GoesOnFromTheParentsCheckpoint_AndItsScheduleReplays()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync([
            "tune", RunFile(), "--out", _folder["study"], "--trials", "8", "--sampler", "pbt(population=3, quantile=0.4)", "--set", "optimizer.learning_rate=log(1e-4,1e-1)"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Equal("", error);
        Assert.Contains("trials: 8 complete", output);
        string[][] rows = [.. File.ReadAllLines(_folder["study/trials.csv"])[1..].Select(static line => line.Split(','))];
        int later = 0;
        foreach (string[] row in rows[3..])
        {
            string run = row[^1];
            MetricsLog log = MetricsLog.Read(Path.Combine(run, "metrics.jsonl"));
            long begun = log.Starts[^1].Step;
            Assert.True(begun > 0 && begun % Round == 0, $"it began at step {begun}");
            Assert.Equal(begun + Round, log.Steps[^1].Step);
            Assert.Equal(Enumerable.Range(1, log.Steps.Count).Select(static step => (long)step), log.Steps.Select(static step => step.Step));

            // The changed settings are in force, and the result is where the round ended.
            RunConfiguration configuration = Descent.Training.Configuration.RunFile.Load(Path.Combine(run, "run.yaml"));
            Assert.Equal(double.Parse(row[3], CultureInfo.InvariantCulture), configuration.Training.Optimizer.LearningRate);
            Assert.Equal(row[2], log.Validations[^1].Metrics["validation/loss"].ToString("R", CultureInfo.InvariantCulture));
            later++;
        }

        Assert.Equal(5, later);
        string best = rows[int.Parse(Regex.Match(output, @"best: trial (\d+)").Groups[1].Value, CultureInfo.InvariantCulture)][2];
        int rounds = JsonDocument.Parse(File.ReadAllText(_folder["study/schedule.json"])).RootElement.GetArrayLength();
        Assert.InRange(rounds, 2, 6);

        (code, output, error) = await DescentProcess.RunAsync([
            "tune", RunFile(), "--out", _folder["again"], "--sampler", $"replay(file={_folder["study/schedule.json"]})", "--set", "optimizer.learning_rate=log(1e-4,1e-1)"]);

        Assert.True(code == ExitCode.Done, output + error);
        string[][] again = [.. File.ReadAllLines(_folder["again/trials.csv"])[1..].Select(static line => line.Split(','))];
        Assert.Equal(rounds, again.Length);
        Assert.Equal(best, again[^1][2]);
    }

    [Theory]
    [InlineData("stop.steps says how long one is", "--sampler", "pbt", "--set", "stop={epochs: 1}", "--set", "optimizer.learning_rate=log(1e-5,1e-1)")]
    [InlineData("model.widths[0] can't change in the middle of a run", "--sampler", "pbt", "--set", "model.widths[0]=int(4,8)")]
    [InlineData("--sampler is 'tpe(candidates=0)', but 'tpe(candidates=0)': Candidates is 0; allowed: from 1 to 10000.", "--sampler", "tpe(candidates=0)", "--set", "optimizer.learning_rate=log(1e-5,1e-1)")]
    [InlineData("--pruner is 'medan'; did you mean 'median'?", "--pruner", "medan", "--set", "optimizer.learning_rate=log(1e-5,1e-1)")]
    public async Task BadInput_IsOneLine(string expected, params string[] arguments)
    {
        await DescentProcess.RefusedAsync(expected, ["tune", RunFile(), "--out", _folder["study"], .. arguments]);
    }

    [Fact]
    public async Task Tune_TakesSamplerAndPrunerFromTheRunFile_AndTrainLeavesThemAlone()
    {
        string file = RunFile("tune:\n  sampler: grid(points=3)\n  pruner: asha(minimum_resource=4)\n");
        (int code, string output, string error) = await DescentProcess.RunAsync(["tune", file, "--out", _folder["study"], "--set", "optimizer.learning_rate=log(1e-3,1e-1)"]);

        // The grid is exhausted after three of twenty trials.
        Assert.True(code == ExitCode.Done, output + error);
        Assert.Equal(4, File.ReadAllLines(_folder["study/trials.csv"]).Length);

        (code, _, error) = await DescentProcess.RunAsync(["train", file, "--out", _folder["run"]]);
        Assert.True(code == ExitCode.Done, error);

        (code, _, error) = await DescentProcess.RunAsync(["tune", RunFile("tune: { smapler: random }\n"), "--out", _folder["other"], "--set", "optimizer.learning_rate=log(1e-3,1e-1)"]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("unknown key 'tune.smapler'; allowed: sampler, pruner", error);
    }

    private string RunFile(string more = "")
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 60).Select(static i => $"{i},{i * i % 17},{(i % 2 == 0 ? "even" : "odd")}").Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: mlp, widths: [8] }
            data: { kind: csv, path: '{{_folder["table.csv"]}}', target: y, batch_size: 8, validation: 0.2 }
            optimizer: { kind: adamw }
            validation: { every_steps: 4 }
            stop: { steps: {{Round}} }
            {{more}}
            """);
        return _folder["run.yaml"];
    }
}
