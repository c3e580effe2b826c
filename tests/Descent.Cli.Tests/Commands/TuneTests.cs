using System.Diagnostics;
using System.Globalization;
using Descent.Training;

namespace Descent.Cli.Tests.Commands;

/// <summary>Studies of a model of a few hundred parameters: each trial a process, killed and gone on with.</summary>
public sealed class TuneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tune_WritesTheBestRunFileThatTrains()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync([
            "tune", RunFile("search:\n  optimizer.learning_rate: log(1e-4, 1e-1)\n"), "--out", _folder["study"], "--trials", "2",
            "--set", "model.widths[0]=choice(4, 8) if optimizer.learning_rate < 1"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Equal("", error);
        Assert.Contains("trial 1 complete: validation/loss", output);
        Assert.Contains("trials: 2 complete", output);
        string[] table = File.ReadAllLines(_folder["study/trials.csv"]);
        Assert.Equal("trial,state,validation/loss,optimizer.learning_rate,model.widths[0],step,trial_seconds,attempts,worker,reason,run", table[0]);
        string[][] rows = [.. table[1..].Select(line => line.Split(','))];
        Assert.Equal(2, rows.Length);
        string[] best = rows.MinBy(row => double.Parse(row[2], CultureInfo.InvariantCulture))!;
        Assert.Contains($"descent resume {Shell.Path(best[^1])} --set stop.steps=24", output);
        Assert.Contains($"learning_rate: {best[3]}", File.ReadAllText(_folder["study/best.yaml"]));
        Assert.Contains("<h1>", File.ReadAllText(_folder["study/report.html"]));

        (code, _, error) = await DescentProcess.RunAsync(["train", _folder["study/best.yaml"], "--out", _folder["again"]]);

        Assert.True(code == ExitCode.Done, error);
        Assert.Equal(best[2], MetricsLog.Read(_folder["again/metrics.jsonl"]).Stopped!.BestMetric!.Value.ToString("R", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Tune_OfATrialThatDiverges_SaysWhyAndGoesOn()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync([
            "tune", RunFile(), "--out", _folder["study"], "--trials", "3", "--sampler", "random", "--set", "optimizer={kind: sgd}", "--set", "optimizer.learning_rate=choice(1e30, 1e-2)"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Matches(@"trial \d failed: .* is not finite at step \d", output);
        Assert.Matches(@"trials: \d complete, \d failed", output);
    }

    [Theory(Timeout = 240_000)]
    [InlineData("KILL")]
    [InlineData("INT")]
    public async Task Tune_ThatIsStopped_GoesOnFromTheTrialsCheckpoint(string signal)
    {
        string[] command =
        [
            "tune", RunFile(), "--out", _folder["study"], "--trials", "1", "--lease", "3", "--set", "optimizer.learning_rate=log(1e-4,1e-2)",
            "--set", "stop.steps=100000", "--set", "validation.every_steps=500",
        ];
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using Process process = DescentProcess.Start(command);
        try
        {
            // The first validation's checkpoint is there: what follows may not begin before it.
            while (Checkpoints().Length == 0)
            {
                Assert.False(process.HasExited);
                await Task.Delay(50, cancellation);
            }

            using Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
            await process.WaitForExitAsync(cancellation);
        }
        finally
        {
            process.Kill();
        }

        Assert.Equal(signal == "INT" ? ExitCode.Interrupted : 137, process.ExitCode);

        // Under the same settings, but for when it ends: what a study's file says is compared.
        File.WriteAllText(_folder["study/study.yaml"], File.ReadAllText(_folder["study/study.yaml"]).Replace("100000", "1500", StringComparison.Ordinal));
        string run = Directory.GetDirectories(_folder["study/trials/000000"]).Single();
        await WaitForTheRunAsync(run, cancellation);
        File.WriteAllText(Path.Combine(run, "run.yaml"), File.ReadAllText(Path.Combine(run, "run.yaml")).Replace("steps: 100000", $"steps: {LastStep(run) + 1000}", StringComparison.Ordinal));
        long stoppedAt = LastStep(run);
        (int code, string output, string error) = await DescentProcess.RunAsync([.. command.Select(word => word == "stop.steps=100000" ? "stop.steps=1500" : word)]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("trial 0 goes on: ", output);
        MetricsLog log = MetricsLog.Read(Path.Combine(Directory.GetDirectories(_folder["study/trials/000000"]).Single(), "metrics.jsonl"));
        Assert.Equal(2, log.Starts.Count);
        Assert.InRange(log.Starts[1].Step, 500, stoppedAt);
        Assert.Equal(Enumerable.Range(1, log.Steps.Count).Select(step => (long)step), log.Steps.Select(step => step.Step));

        string[] Checkpoints() => Directory.Exists(_folder["study/trials"]) ? Directory.GetFiles(_folder["study/trials"], "SHA256SUMS", SearchOption.AllDirectories) : [];
        static long LastStep(string run) => MetricsLog.Read(Path.Combine(run, "metrics.jsonl")).Steps[^1].Step;
    }

    [Theory]
    [InlineData("nothing is searched; give ranges")]
    [InlineData("unknown key 'optimizer.lerning_rate'; did you mean 'learning_rate'?", "--set", "optimizer.lerning_rate=log(1e-5,1e-1)")]
    [InlineData("optimizer.learning_rate", "--set", "optimizer.learning_rate=log(0,1)")]
    [InlineData("change the range of what is wrong there", "--set", "optimizer.beta1=uniform(0,2)")]
    [InlineData("did you mean 'random'?", "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--sampler", "rnadom")]
    [InlineData("--verify trains the large model that --proxy tuned a small one for", "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--verify", "2")]
    [InlineData("--seed is 'abc'; allowed: a whole number.", "--seed", "abc")]
    [InlineData("Upper is 1; allowed: a number or an infinity, Lower at most Upper", "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--pruner", "threshold(lower=2,upper=1)")]
    [InlineData("--trials is '1.5'; allowed: a whole number", "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--trials", "1.5")]
    [InlineData("The journal's URL 'sqlite:' names no file", "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--journal", "sqlite:")]
    [InlineData("there is no range 'lg' (allowed: uniform, log, int, int_log, choice, ordinal); did you mean 'log'?", "--set", "optimizer.learning_rate=lg(1e-5,1e-1)")]
    [InlineData("data.split_seed can't be searched; trials are compared on the same held-out data", "--set", "data.split_seed=int(0,3)")]
    [InlineData("loss.kind can't be searched by validation/loss, whose unit it is", "--set", "loss.kind=choice(cross_entropy,mean_squared_error)")]
    [InlineData("--study is empty", "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--study", "")]
    [InlineData("--trials is 0; allowed: at least 1", "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--trials", "0")]
    [InlineData("There are no journals at 'nosql://", "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--journal", "nosql://x")]
    public async Task BadInput_IsOneLine(string expected, params string[] arguments)
    {
        await DescentProcess.RefusedAsync(expected, ["tune", RunFile(), "--out", _folder["study"], .. arguments]);
    }

    [Fact]
    public async Task Tune_IntoWhatIsNoFolderOfAStudy_IsRefused()
    {
        string[] command = ["tune", RunFile(), "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--out"];
        await DescentProcess.RefusedAsync("table.csv: is a file, and the study needs a folder", [.. command, _folder["table.csv"]]);
        Directory.CreateDirectory(_folder["race"]);
        File.WriteAllText(_folder["race/compare.yaml"], "");
        await DescentProcess.RefusedAsync("is the folder of a comparison", [.. command, _folder["race"]]);
        await DescentProcess.RefusedAsync("is the folder of a comparison; give the run another one", "train", RunFile(), "--out", _folder["race"]);
        await DescentProcess.RefusedAsync("is the folder of a comparison, whose page its own command makes", "report", _folder["race"]);
        await DescentProcess.RefusedAsync("is a folder; give the path of a run file", "tune", _folder.Path);
    }

    [Fact]
    public async Task Tune_InAFolderWhoseJournalIsElsewhere_GoesOnInThatJournal()
    {
        string[] command = ["tune", RunFile(), "--set", "optimizer.learning_rate=log(1e-5,1e-1)", "--out", _folder["study"]];
        await DescentProcess.RunAsync([.. command, "--trials", "1", "--journal", _folder["elsewhere.db"]]);
        (int code, string output, string error) = await DescentProcess.RunAsync([.. command, "--trials", "2"]);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("trials: 2 complete", output);
        Assert.DoesNotContain("trial 0 begins", output);
        Assert.False(File.Exists(_folder["study/journal.db"]));
    }

    [Fact]
    public async Task Tune_OfDataThatIsNotThere_EndsAfterAFewTrials()
    {
        (int code, _, string error) = await DescentProcess.RunAsync(["tune", RunFile(), "--out", _folder["study"], "--data", "/nowhere.csv", "--set", "optimizer.learning_rate=log(1e-5,1e-1)"]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("no trial could be begun: ", error);
        Assert.Contains("/nowhere.csv", error);
    }

    [Fact]
    public async Task Train_OfARunFileWithRanges_NamesTune()
    {
        (int code, _, string error) = await DescentProcess.RunAsync(["train", RunFile("search: { optimizer.learning_rate: 'log(1e-5,1e-1)' }\n"), "--out", _folder["run"]]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("run.yaml:7: the section 'search' holds ranges", error);
        Assert.Contains("'descent tune ", error);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task Tune_OfOtherSettingsInTheSameFolder_IsRefused()
    {
        string[] command = ["tune", RunFile(), "--out", _folder["study"], "--trials", "1", "--set", "optimizer.learning_rate=log(1e-4,1e-2)"];
        (int code, string output, string error) = await DescentProcess.RunAsync(command);
        Assert.True(code == ExitCode.Done, output + error);

        (code, _, error) = await DescentProcess.RunAsync([.. command, "--set", "data.batch_size=16"]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("holds a study of other settings", error);
    }

    // What was killed leaves its trial's process to write a last checkpoint.
    private static async Task WaitForTheRunAsync(string run, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                using RunDirectory directory = RunDirectory.OpenToWrite(run);
                return;
            }
            catch (BadInputException)
            {
                await Task.Delay(50, cancellation);
            }
        }
    }

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
