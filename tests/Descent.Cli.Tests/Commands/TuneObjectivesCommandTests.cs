using System.Globalization;
using System.Text.Json;
using Descent.Training;

namespace Descent.Cli.Tests.Commands;

/// <summary>Studies with several objectives, of a model of some dozen parameters: each trial a process.</summary>
public sealed class TuneObjectivesCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tune_WithSeveralObjectives_WritesTheFront()
    {
        string[] command =
        [
            "tune", RunFile("search: { 'model.widths[0]': 'choice(2, 4, 8)' }\ntune: { objectives: [parameters, validation/loss], sampler: grid }\n"), "--out", _folder["study"], "--trials", "3",
        ];
        (int code, string output, string error) = await DescentProcess.RunAsync(command);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Equal("", error);
        Assert.Contains(": validation/loss (lower is better), parameters (lower is better), over", output);
        Assert.Matches(@"trial 0 complete: validation/loss [\d.]+, parameters \d+\n", output);
        Assert.Matches(@"Pareto front: \d trials? that no other is better than in both\n  trial  validation/loss  parameters  widths\[0\]\n", output);
        string[][] table = [.. File.ReadAllLines(_folder["study/trials.csv"]).Select(static line => line.Split(','))];
        Assert.Equal(["trial", "state", "validation/loss", "parameters", "front", "model.widths[0]"], table[0][..6]);
        string[][] rows = table[1..];

        // Of three widths the narrowest has the fewest parameters, whatever its loss; the best one is on the front whatever its size.
        (double Loss, double Parameters)[] values = [.. rows.Select(static row => (Number(row[2]), Number(row[3])))];
        Assert.Equal(["12", "22", "42"], rows.OrderBy(static row => Number(row[5])).Select(static row => row[3]));
        Assert.Equal(
            values.Select(one => values.Any(other => other.Loss <= one.Loss && other.Parameters <= one.Parameters && other != one) ? "false" : "true"),
            rows.Select(static row => row[4]));
        string[] front = [.. rows.Where(static row => row[4] == "true").Select(static row => $"{int.Parse(row[0], CultureInfo.InvariantCulture):D6}.yaml")];
        Assert.Equal(front, Files());
        Assert.False(File.Exists(_folder["study/best.yaml"]));

        // What left the front goes, what is the user's own stays.
        File.WriteAllText(_folder["study/front/000099.yaml"], "");
        File.WriteAllText(_folder["study/front/mine.yaml"], "");
        (code, output, error) = await DescentProcess.RunAsync(command);
        Assert.True(code == ExitCode.Done, output + error);
        Assert.Equal([.. front, "mine.yaml"], Files());

        (code, _, error) = await DescentProcess.RunAsync(["train", _folder[$"study/front/{front[0]}"], "--out", _folder["again"]]);
        Assert.True(code == ExitCode.Done, error);
        Assert.Equal(rows.First(static row => row[4] == "true")[2], MetricsLog.Read(_folder["again/metrics.jsonl"]).Stopped!.BestMetric!.Value.ToString("R", CultureInfo.InvariantCulture));

        // The journal alone knows what they are called.
        (code, _, error) = await DescentProcess.RunAsync(["report", "--journal", _folder["study/journal.db"], "--output", _folder["page.html"]]);
        Assert.True(code == ExitCode.Done, error);
        Assert.All(["page.html", "study/report.html"], page => Assert.Contains("validation/loss, lower is better; parameters, lower is better", File.ReadAllText(_folder[page])));

        await DescentProcess.RefusedAsync("'objectives: [validation/loss, parameters]' there, 'objectives: [validation/loss, seconds]' here", [.. command, "--objectives", "validation/loss,seconds"]);
        await DescentProcess.RefusedAsync(
            "The study 'run' has the objectives validation/loss, parameters, where validation/loss, seconds is wanted.",
            [.. command[..2], "--out", _folder["other"], "--journal", _folder["study/journal.db"], "--objectives", "validation/loss,seconds"]);

        string[] Files() => [.. Directory.GetFiles(_folder["study/front"]).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Tune_ByAllObjectives_MeasuresWhatTheRunWroteDown()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync([
            "tune", RunFile(), "--out", _folder["study"], "--trials", "1", "--set", "optimizer.learning_rate=log(1e-3,1e-1)",
            "--objectives", "validation/accuracy,seconds,step_seconds,throughput,peak_memory,state_bytes,parameters"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("note: validation/accuracy is measured where validation/loss is best, which decides within a run (validation.metric)", output);
        string[] row = File.ReadAllLines(_folder["study/trials.csv"])[1].Split(',');
        var log = MetricsLog.Read(Path.Combine(row[^1], "metrics.jsonl"));
        Assert.Equal(
            [
                log.Validations.Single(validation => validation.Step == log.Stopped!.BestStep).Metrics["validation/accuracy"],
                log.Stopped!.Seconds,
                log.Steps.Zip(log.Steps.Skip(1), static (one, next) => next.Seconds - one.Seconds).Where(static seconds => seconds > 0).Order().ElementAt(5),
                log.Steps.Skip(6).Select(static step => step.Throughput).Order().ElementAt(3),
                log.Steps.Max(static step => step.PeakMemory),
                2 * 4 * 42,
                42,
            ],
            row[2..9].Select(Number));
    }

    [Fact]
    public async Task Tune_OverFolds_ComparesTheMeans()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync([
            "tune", RunFile("search: { optimizer.learning_rate: 'log(1e-3, 1e-1)' }\n"), "--out", _folder["study"], "--trials", "1", "--set", "validation.folds={kind: k_fold, count: 2}",
            "--objectives", "validation/loss,validation/accuracy,seconds"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Matches(@"to train one of them anew: descent train \S+000000.yaml --set validation.folds=~", output);
        string[] row = File.ReadAllLines(_folder["study/trials.csv"])[1].Split(',');
        JsonElement[] folds = [.. Directory.GetFiles(_folder["study/trials"], "fold.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(static file => JsonDocument.Parse(File.ReadAllText(file)).RootElement)];
        Assert.Equal(2, folds.Length);
        Assert.Equal(folds.Average(static fold => fold.GetProperty("metrics").GetProperty("validation/loss").GetDouble()), Number(row[2]), 1e-12);
        Assert.Equal(folds.Average(static fold => fold.GetProperty("metrics").GetProperty("validation/accuracy").GetDouble()), Number(row[3]), 1e-12);
        Assert.Equal(folds.Average(static fold => fold.GetProperty("seconds").GetDouble()), Number(row[4]), 1e-9);
    }

    [Fact]
    public async Task Tune_ByOneCost_HasABestTrial()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync([
            "tune", RunFile(), "--out", _folder["study"], "--trials", "2", "--sampler", "grid", "--set", "model.widths[0]=choice(8, 2)", "--objectives", "parameters"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains(", parameters 12, with model.widths[0]=2", output);
        Assert.Contains("widths: [2]", File.ReadAllText(_folder["study/best.yaml"]).ReplaceLineEndings("").Replace("widths:  - 2", "widths: [2]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tune_ByAMetricThatTheRunHasNot_SaysWhichItHas()
    {
        (int code, _, string error) = await DescentProcess.RunAsync([
            "tune", RunFile(), "--out", _folder["study"], "--set", "optimizer.learning_rate=log(1e-3,1e-1)", "--objectives", "validation/loss,validation/nats_per_byte"]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("no trial could be begun: the objective 'validation/nats_per_byte' is no metric of the run; allowed: validation/accuracy, validation/loss", error);
    }

    [Fact]
    public async Task WhatTakesTheBestTrial_RefusesSeveralObjectives()
    {
        string file = RunFile("search: { optimizer.learning_rate: 'log(1e-3, 1e-1)' }\ntune: { objectives: [validation/loss, seconds] }\n");
        await DescentProcess.RefusedAsync("tune.objectives is [validation/loss, seconds], and --proxy transfers the small model's one trial with the best validation/loss", "tune", file, "--out", _folder["study"], "--proxy", "width=4");
        await DescentProcess.RefusedAsync("and the search within each fold takes the one trial with the best validation/loss; leave the objectives out", "cross-validate", file, "--out", _folder["folds"]);
        await DescentProcess.RefusedAsync("run.yaml:8: 'tune.objectives' must be a list of names, such as [validation/loss, seconds]", "tune", RunFile("search: { optimizer.learning_rate: 'log(1e-3, 1e-1)' }\ntune: { objectives: { a: b } }\n"));
        Assert.False(Directory.Exists(_folder["study"]) || Directory.Exists(_folder["folds"]));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private string RunFile(string more = "")
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 60).Select(i => $"{i},{i * i % 17},{(i % 2 == 0 ? "even" : "odd")}").Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: mlp, widths: [8] }
            data: { kind: csv, path: '{{_folder["table.csv"]}}', target: y, batch_size: 8, validation: 0.2 }
            optimizer: { kind: adamw }
            checkpoints: { every_steps: 1000 }
            validation: { every_steps: 4 }
            stop: { steps: 12 }
            {{more}}
            """);
        return _folder["run.yaml"];
    }
}
