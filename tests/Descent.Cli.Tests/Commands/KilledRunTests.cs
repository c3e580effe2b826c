using System.Diagnostics;
using Descent.Training;

namespace Descent.Cli.Tests.Commands;

/// <summary>A run that is killed again and again ends with the same weights, byte for byte, as one that never was.</summary>
public sealed class KilledRunTests : IDisposable
{
    private const int Kills = 20;

    // Every kind of state is in play: dropout, momentum of Adam, the data's cursor over several epochs, a plateau, accumulation and clipping.
    private const string Run =
        """
        model:          { kind: gpt, layers: 1, width: 16, heads: 2 }
        data:           { kind: text, tokenizer: byte, context: 16, batch_size: 4, validation: 0.1 }
        optimizer:      { kind: adamw, learning_rate: 3e-3 }
        schedule:       { kind: reduce_on_plateau, patience: 1, factor: 0.5, warmup_steps: 5 }
        gradients:      { clip_norm: 1, accumulate: 2 }
        regularization: { dropout: 0.2, l2: 0.001 }
        stop:           { steps: 600 }
        validation:     { every_steps: 50, batches: 2 }
        checkpoints:    { every_steps: 7 }
        sample:         { tokens: 0 }
        """;

    private readonly TemporaryFolder _folder = new();

    // What was random is in the message of a failure.
    private readonly int _seed = Environment.TickCount;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Resume_AfterTwentyKills_EndsWithTheSameBytes()
    {
        string text = _folder["text.txt"];
        File.WriteAllLines(text, Enumerable.Range(0, 60).Select(i => $"Line {i} counts {i * i} and {i % 7} things."));
        string run = _folder["run.yaml"];
        File.WriteAllText(run, Run.Replace("kind: text,", $"kind: text, path: '{text}',", StringComparison.Ordinal));
        (int code, _, string error) = await DescentProcess.RunAsync(["train", run, "--out", _folder["whole"]]);
        Assert.True(code == ExitCode.Done, error);
        Dictionary<string, byte[]> expected = FinalTensors(_folder["whole"]);

        var random = new Random(_seed);
        int kills = 0;
        for (int attempt = 0; kills < Kills; attempt++)
        {
            string killed = _folder[$"killed-{attempt}"];
            string[] arguments = ["train", run, "--out", killed];
            while (await KilledAsync(arguments, killed, random, mayKill: kills < Kills))
            {
                kills++;
                arguments = File.Exists(Path.Combine(killed, "run.yaml")) ? ["resume", killed] : arguments;
            }

            foreach ((string name, byte[] bytes) in FinalTensors(killed))
            {
                Assert.True(expected[name].AsSpan().SequenceEqual(bytes), $"{name} differs after {kills} kills (seed {_seed})");
            }

            Assert.Equal(
                Enumerable.Range(1, 600).Select(step => (long)step),
                MetricsLog.Read(Path.Combine(killed, "metrics.jsonl")).Steps.Select(step => step.Step));
        }
    }

    private static Dictionary<string, byte[]> FinalTensors(string run)
        => new[] { "model.safetensors", "optimizer.safetensors" }
            .ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(run, "checkpoints", "step-000600", name)));

    // True when the process was killed, false when it came to its end.
    private async Task<bool> KilledAsync(string[] arguments, string run, Random random, bool mayKill)
    {
        using Process process = DescentProcess.Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task exit = process.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (mayKill)
        {
            // One in five dies at its start, the others a few steps after they went on, at any point of a step or a checkpoint's writing.
            if (random.Next(5) > 0)
            {
                long length = Length(run) + random.Next(100, 6000);
                while (!exit.IsCompleted && Length(run) < length)
                {
                    await Task.Delay(1, TestContext.Current.CancellationToken);
                }
            }

            await Task.WhenAny(exit, Task.Delay(random.Next(0, 40), TestContext.Current.CancellationToken));
            if (!exit.IsCompleted)
            {
                process.Kill();
                await exit;
                return true;
            }
        }

        await exit;
        Assert.True(process.ExitCode == ExitCode.Done, $"{string.Join(' ', arguments)}: {await output}{await error} (seed {_seed})");
        return false;
    }

    private static long Length(string run)
    {
        var file = new FileInfo(Path.Combine(run, "metrics.jsonl"));
        return file.Exists ? file.Length : 0;
    }
}
