using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Descent.Training;

namespace Descent.Cli.Tests.Commands;

/// <summary>Cross validations of a model of a few dozen parameters: each fold a process, killed and gone on with.</summary>
public sealed class CrossValidateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CrossValidate_WritesFoldsPredictionsAndAPage()
    {
        string[] command = ["cross-validate", RunFile(), "--out", _folder["folds"], "--set", "validation.folds.count=3", "--set", "validation.folds.kind=stratified_k_fold", "--workers", "2"];
        (int code, string output, string error) = await DescentProcess.RunAsync(command);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Equal("", error);
        Assert.Matches(@"fold 2: .*validation/accuracy [\d.]+.*; 40 trained on, 20 held out, 12 steps", output);
        string[] rows = File.ReadAllLines(_folder["folds/out_of_fold.csv"]);
        Assert.Equal("row,fold,repeat,target,prediction,probability_even,probability_odd", rows[0]);
        string[][] cells = [.. rows[1..].Select(static row => row.Split(','))];
        Assert.Equal(Enumerable.Range(0, 60), cells.Select(static row => int.Parse(row[0], CultureInfo.InvariantCulture)));

        // Row 0 holds the number 1.
        Assert.All(cells, static row => Assert.Equal(int.Parse(row[0], CultureInfo.InvariantCulture) % 2 == 1 ? "even" : "odd", row[3]));
        using JsonDocument folds = JsonDocument.Parse(File.ReadAllText(_folder["folds/folds.json"]));
        double[] accuracies = [.. folds.RootElement.GetProperty("results").EnumerateArray().Select(static fold => fold.GetProperty("metrics").GetProperty("validation/accuracy").GetDouble())];
        Assert.Equal(3, accuracies.Length);
        Assert.Equal(cells.Average(static row => row[3] == row[4] ? 1.0 : 0), accuracies.Average(), 1e-9);
        Assert.Equal(accuracies.Average(), folds.RootElement.GetProperty("statistics").GetProperty("validation/accuracy").GetProperty("mean").GetDouble(), 1e-12);
        string page = File.ReadAllText(_folder["folds/report.html"]);
        Assert.Contains("Cross validation: stratified_k_fold, 3 folds", page);
        Assert.Contains("Confusion", page);

        // The same once more has nothing to train.
        (code, output, error) = await DescentProcess.RunAsync(command);
        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("fold 2, done before: ", output);
        Assert.DoesNotContain("begins", output);

        (code, _, error) = await DescentProcess.RunAsync([.. command, "--set", "stop.steps=13"]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("'steps: 12' there, 'steps: 13' here", error);
    }

    /// <summary>The whole command is killed, and then stopped in order, in the middle of its second fold; the same command ends with the bytes of one that never was.</summary>
    [Fact(Timeout = 240_000)]
    public async Task CrossValidate_StoppedWithinAFold_EndsWithTheSameBytes()
    {
        string run = RunFile("checkpoints: { every_steps: 20 }\nregularization: { dropout: 0.2 }");
        string[] settings = ["--set", "validation.folds={kind: k_fold, count: 2}", "--set", "stop.steps=300", "--set", "validation.every_steps=0"];
        (int code, string output, string error) = await DescentProcess.RunAsync(["cross-validate", run, "--out", _folder["whole"], .. settings]);
        Assert.True(code == ExitCode.Done, output + error);

        string[] command = ["cross-validate", run, "--out", _folder["stopped"], .. settings];
        Assert.Equal(137, await StopAsync(command, "KILL", 20, TestContext.Current.CancellationToken));
        Assert.Equal(ExitCode.Interrupted, await StopAsync(command, "INT", 120, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(_folder["stopped/fold-1/fold.json"]), "the fold was done before it could be stopped");
        (code, output, error) = await DescentProcess.RunAsync(command);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("fold 0, done before: ", output);
        Assert.Equal(3, MetricsLog.Read(_folder["stopped/fold-1/metrics.jsonl"]).Starts.Count);
        Assert.Equal(File.ReadAllText(_folder["whole/out_of_fold.csv"]), File.ReadAllText(_folder["stopped/out_of_fold.csv"]));
        Assert.All(
            (string[])["fold-0", "fold-1"],
            fold => Assert.All(
                (string[])["model.safetensors", "optimizer.safetensors"],
                file => Assert.Equal(File.ReadAllBytes(_folder[$"whole/{fold}/checkpoints/step-000300/{file}"]), File.ReadAllBytes(_folder[$"stopped/{fold}/checkpoints/step-000300/{file}"]))));
    }

    [Fact]
    public async Task CrossValidate_OfARunFileThatSearches_ChoosesWithinEachFold()
    {
        string run = RunFile("search:\n  optimizer.learning_rate: choice(1e-6, 1e-2)");

        (int code, string output, string error) = await DescentProcess.RunAsync([
            "cross-validate", run, "--out", _folder["folds"], "--trials", "1", "--sampler", "random", "--set", "validation.folds={kind: k_fold, count: 2}", "--set", "validation.inner_folds={kind: k_fold, count: 2}"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("fold 1: the search chose optimizer.learning_rate=", output);
        using JsonDocument folds = JsonDocument.Parse(File.ReadAllText(_folder["folds/folds.json"]));
        Assert.All(folds.RootElement.GetProperty("results").EnumerateArray(), static fold => Assert.True(fold.GetProperty("settings").TryGetProperty("optimizer.learning_rate", out _)));

        // What an outer fold holds out takes no part in its search.
        foreach (int fold in new[] { 0, 1 })
        {
            string[] held = [.. File.ReadLines(_folder[$"folds/fold-{fold}/out_of_fold.csv"]).Skip(1).Select(static row => row.Split(',')[0])];
            string[] inner = [.. Directory.GetFiles(_folder[$"folds/search/fold-{fold}"], "out_of_fold.csv", SearchOption.AllDirectories).SelectMany(File.ReadAllLines).Where(static row => !row.StartsWith("row", StringComparison.Ordinal)).Select(static row => row.Split(',')[0])];
            Assert.Equal(30, held.Length);
            Assert.Equal(30, inner.Length);
            Assert.Empty(inner.Intersect(held));
        }
    }

    [Fact]
    public async Task Tune_OverFolds_ComparesMeans()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync([
            "tune", RunFile(), "--out", _folder["study"], "--trials", "2", "--sampler", "random", "--set", "optimizer.learning_rate=log(1e-3,1e-1)", "--set", "validation.folds={kind: k_fold, count: 2}"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("--set validation.folds=~", output);
        string[][] rows = [.. File.ReadAllLines(_folder["study/trials.csv"]).Skip(1).Select(static line => line.Split(','))];
        Assert.Equal(2, rows.Length);
        foreach (string[] row in rows)
        {
            string[] results = Directory.GetFiles(Directory.GetDirectories(_folder[$"study/trials/{int.Parse(row[0], CultureInfo.InvariantCulture):D6}"]).Single(), "fold.json", SearchOption.AllDirectories);
            double mean = results.Average(static file => JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("metrics").GetProperty("validation/loss").GetDouble());
            Assert.Equal(2, results.Length);
            Assert.Equal(mean, double.Parse(row[2], CultureInfo.InvariantCulture), 1e-12);
        }

        (code, _, error) = await DescentProcess.RunAsync(["train", _folder["study/best.yaml"], "--out", _folder["run"]]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("'descent cross-validate' trains them all", error);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Theory]
    [InlineData("did you mean 'k_fold'?", "--set", "validation.folds=kfold")]
    [InlineData("has no column 'patient'", "--set", "validation.folds={kind: group_k_fold, group: patient}")]
    [InlineData("validation.folds.group", "--set", "validation.folds=group_k_fold")]
    [InlineData("validation.folds.time", "--set", "validation.folds={kind: time_series_split, time: kind}")]
    [InlineData("60", "--set", "validation.folds={kind: k_fold, count: 100}")]
    [InlineData("--trials is for the search within each fold, and nothing is searched", "--trials", "3")]
    [InlineData("--sampler is for the search within each fold, and nothing is searched", "--sampler", "random")]
    [InlineData("--pruner is for the search within each fold, and nothing is searched", "--pruner", "none")]
    [InlineData("no class has more than 30 samples", "--set", "validation.folds={kind: stratified_k_fold, count: 31}")]
    [InlineData("cross-validate trains them all", "--set", "validation.folds=k_fold", "--set", "validation.fold=1")]
    [InlineData("nothing is searched", "--set", "validation.folds=k_fold", "--set", "validation.inner_folds=k_fold")]
    [InlineData("can't be searched; trials are compared on the same folds", "--set", "validation.folds=k_fold", "--set", "validation.folds.seed=int(0,5)")]
    [InlineData("--workers is 0; allowed: 1 to 1024", "--workers", "0")]
    public async Task BadInput_IsOneLine_AndNothingIsWritten(string expected, params string[] arguments)
    {
        Assert.Equal("", await DescentProcess.RefusedAsync(expected, ["cross-validate", RunFile(), "--out", _folder["folds"], .. arguments]));
        Assert.False(Directory.Exists(_folder["folds"]));
    }

    [Fact]
    public async Task CrossValidate_OfAFoldThatDiverges_SaysWhichAndWhy()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync(["cross-validate", RunFile(), "--out", _folder["folds"], "--set", "optimizer={kind: sgd, learning_rate: 1e30}"]);

        Assert.True(code == ExitCode.Failed, output + error);
        Assert.Matches(@"descent: fold 0: .* is not finite at step \d", error);
        Assert.Contains("the same command goes on", error);
    }

    /// <summary>Fisher's irises, 150 in three classes: a small network tells nine of ten apart, on flowers that it has not seen.</summary>
    [Fact]
    public async Task CrossValidate_OfIrises_IsRightNineTimesOfTen()
    {
        string data = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "..", "shared", "data", "tabular", "iris.csv");
        Assert.SkipUnless(File.Exists(data), "iris.csv is not beside the checkout (../shared/data/tabular).");
        File.WriteAllText(_folder["iris.yaml"], $$"""
            model: { kind: mlp, widths: [16] }
            data: { kind: csv, path: '{{Path.GetFullPath(data)}}', batch_size: 16 }
            optimizer: { kind: adamw, learning_rate: 2e-2 }
            stop: { epochs: 20 }
            validation: { metric: validation/accuracy, folds: { kind: stratified_k_fold, count: 3 } }
            """);

        (int code, string output, string error) = await DescentProcess.RunAsync(["cross-validate", _folder["iris.yaml"], "--out", _folder["folds"]]);

        Assert.True(code == ExitCode.Done, output + error);
        using JsonDocument folds = JsonDocument.Parse(File.ReadAllText(_folder["folds/folds.json"]));
        Assert.InRange(folds.RootElement.GetProperty("statistics").GetProperty("validation/accuracy").GetProperty("mean").GetDouble(), 0.9, 1);
        Assert.Equal(151, File.ReadLines(_folder["folds/out_of_fold.csv"]).Count());
    }

    /// <summary>Begins the command and sends it a signal when its second fold has come to a step.</summary>
    private async Task<int> StopAsync(string[] command, string signal, int step, CancellationToken cancellation)
    {
        using Process process = DescentProcess.Start(command);
        try
        {
            while (!Directory.Exists(_folder[$"stopped/fold-1/checkpoints/step-{step:D6}"]))
            {
                Assert.False(process.HasExited, "it ended before it could be stopped");
                await Task.Delay(2, cancellation);
            }

            using Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode;
        }
        finally
        {
            process.Kill();
        }
    }

    private string RunFile(string more = "")
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 60).Select(static i => $"{i},{i * i % 17},{(i % 2 == 0 ? "even" : "odd")}").Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: mlp, widths: [8] }
            data: { kind: csv, path: '{{_folder["table.csv"]}}', target: y, batch_size: 8 }
            optimizer: { kind: adamw }
            stop: { steps: 12 }
            {{more}}
            """);
        return _folder["run.yaml"];
    }
}
