using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Descent.Training;

namespace Descent.Cli.Tests.Commands;

/// <summary>Comparisons of optimizers on a model of a few hundred parameters: each run a process.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 240_000)]
    public async Task Compare_ThatIsStopped_GoesOnAndRecommends()
    {
        string[] command = ["compare", RunFile(), "--optimizers", "adamw,sgd", "--trials", "2", "--seeds", "2", "--workers", "2", "--out", _folder["race"]];
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string? first = null;
        using (Process process = DescentProcess.Start(command))
        {
            while (first is null && await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                first = line.Contains(" trial 0 with ", StringComparison.Ordinal) ? line : null;
            }

            using Process interrupt = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            string rest = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            Assert.Contains("interrupted; the same command goes on with the comparison", rest);
            Assert.Equal(ExitCode.Interrupted, process.ExitCode);
        }

        (int code, string output, string error) = await DescentProcess.RunAsync(command);

        Assert.True(code == ExitCode.Done, output + error);
        Assert.Equal("", error);
        Assert.DoesNotContain(first!.Split(" with ")[0] + " with ", output);
        Assert.Contains("validation/loss, lower is better", output);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(_folder["race/compare.json"]));
        JsonElement root = result.RootElement;
        string sentence = root.GetProperty("sentence").GetString()!;
        Assert.Contains(sentence, output);
        Assert.Equal("adamw", root.GetProperty("target_of").GetString());
        JsonElement[] optimizers = [.. root.GetProperty("optimizers").EnumerateArray()];
        Assert.Equal(["adamw", "sgd"], optimizers.Select(static optimizer => optimizer.GetProperty("name").GetString()).Order());
        Assert.All(optimizers, static optimizer =>
        {
            Assert.Equal(2, optimizer.GetProperty("trials").GetInt32());
            Assert.Equal([2, 3], optimizer.GetProperty("runs").EnumerateArray().Select(static run => run.GetProperty("seed").GetInt64()));
            Assert.True(optimizer.GetProperty("peak_memory").GetInt64() > 1 << 20);
            Assert.True(optimizer.GetProperty("step_seconds").GetDouble() > 0);
        });

        // Two states of floats for each parameter, and none.
        Assert.Equal(2 * 4 * ((2 * 8) + 8 + (8 * 2) + 2), Optimizer("adamw").GetProperty("state_bytes").GetInt64());
        Assert.Equal(0, Optimizer("sgd").GetProperty("state_bytes").GetInt64());

        // Both began at the same point, and saw the same data in the same order.
        string[] starts = [.. optimizers.Select(optimizer => MetricsLog.Read(Path.Combine(_folder["race"], optimizer.GetProperty("runs")[0].GetProperty("folder").GetString()!, "metrics.jsonl")).Steps[0].Loss.ToString("R", CultureInfo.InvariantCulture))];
        Assert.Equal(starts[0], starts[1]);

        string page = File.ReadAllText(_folder["race/compare.html"]);
        Assert.Contains("2 optimizers compared", page);
        Assert.Contains(sentence.Split(" (95 %")[0], page);
        string[] table = File.ReadAllLines(_folder["race/compare.csv"]);
        Assert.StartsWith("optimizer,seed,validation/loss,steps_to_target,", table[0]);
        Assert.Equal(5, table.Length);
        string best = root.GetProperty("best").GetString()!;
        JsonElement run = Optimizer(best).GetProperty("runs")[0];
        (code, _, error) = await DescentProcess.RunAsync(["train", _folder[$"race/best/{best}.yaml"], "--set", "seed=2", "--out", _folder["again"]]);
        Assert.True(code == ExitCode.Done, error);
        Assert.Equal(run.GetProperty("value").GetDouble(), MetricsLog.Read(_folder["again/metrics.jsonl"]).Validations[^1].Metrics["validation/loss"]);

        (code, _, error) = await DescentProcess.RunAsync([.. command, "--set", "data.batch_size=4"]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("holds a comparison of other settings", error);

        JsonElement Optimizer(string name) => optimizers.Single(optimizer => optimizer.GetProperty("name").GetString() == name);
    }

    [Theory]
    [InlineData("--optimizers: 'adanw' is no optimizer; did you mean 'adamw'?", "--optimizers", "adanw,sgd")]
    [InlineData("--optimizers is 'adamw'; allowed: at least two different ones", "--optimizers", "adamw")]
    [InlineData("'lbfgs' is no rule that steps once a batch", "--optimizers", "adamw,lbfgs")]
    [InlineData("--target is 'loss'; allowed: a metric, < or >, and a number", "--target", "loss")]
    [InlineData("allowed: validation/loss<VALUE, since validation/loss is the metric that decides", "--target", "validation/accuracy>0.9")]
    [InlineData("--equal seconds needs --minutes", "--equal", "seconds")]
    [InlineData("--equal is steps; allowed: trials, seconds", "--equal", "steps")]
    [InlineData("--set seed: it can't be searched", "--optimizers", "adamw,sgd", "--set", "seed=int(1,5)")]
    [InlineData("--minutes is 'x'; allowed: a number", "--minutes", "x", "--equal", "seconds")]
    [InlineData("--seeds is 0; allowed: 1 to 1000", "--seeds", "0")]
    [InlineData("which optimizers are compared is said with --optimizers", "--set", "optimizer.kind=sgd")]
    [InlineData("which optimizers are compared is said with --optimizers", "--set", "optimizer.kind=choice(adamw,sgd)")]
    [InlineData("unknown key 'optimizer.beta9'; did you mean", "--optimizers", "adamw,sgd", "--set", "optimizer.beta9=0.5")]
    public async Task BadInput_IsOneLine(string expected, params string[] arguments)
    {
        await DescentProcess.RefusedAsync(expected, ["compare", RunFile(), "--out", _folder["race"], .. arguments]);
        Assert.False(Directory.Exists(_folder["race"]));
    }

    private string RunFile()
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 60).Select(static i => $"{i % 7},{i * i % 17},{(i % 2 == 0 ? "even" : "odd")}").Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: mlp, widths: [8] }
            data: { kind: csv, path: '{{_folder["table.csv"]}}', target: y, batch_size: 8, validation: 0.2 }
            optimizer: { kind: adamw, weight_decay: 0.03 }
            validation: { every_steps: 4 }
            stop: { steps: 24 }
            """);
        return _folder["run.yaml"];
    }
}
