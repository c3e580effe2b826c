using System.CommandLine;
using System.Text.Json;
using Descent.Cli.Bench;
using Spectre.Console;

namespace Descent.Cli.Commands;

/// <summary><c>descent bench train</c>: whole training steps of GPT-2 small, the plain TorchSharp loop's beside Descent's.</summary>
internal static class BenchTrainCommand
{
    private const int WarmUp = 2;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var batch = new Option<int>("--batch") { Description = "Sequences a step.", DefaultValueFactory = _ => 4 };
        var context = new Option<int>("--context") { Description = "Tokens a sequence, up to 1024.", DefaultValueFactory = _ => 64 };
        var steps = new Option<int>("--steps") { Description = "Measured steps of each process.", DefaultValueFactory = _ => 6 };
        var rounds = new Option<int>("--rounds") { Description = "Processes of each variant, in turns.", DefaultValueFactory = _ => 3 };
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };

        // One variant in this process: what the comparison starts for each measurement.
        var worker = new Option<TrainVariant?>("--worker") { Hidden = true };
        var command = new DescentCommand(
            "train",
            "Trains GPT-2 small for some steps by the plain TorchSharp loop and by Descent, each in processes of its own, and compares time and peak memory.",
            """
            descent bench train
            descent bench train --batch 2 --context 128 --rounds 5 --json
            """)
        {
            batch,
            context,
            steps,
            rounds,
            json,
            worker,
        };
        foreach (Option<int> option in new[] { batch, context, steps, rounds })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() is < 1 or > 1024)
                {
                    result.AddError($"{option.Name} is {result.GetValueOrDefault<int>()}; allowed: 1 to 1024");
                }
            });
        }

        command.SetAction(parsed =>
        {
            var work = new TrainWorkload(parsed.GetValue(batch), parsed.GetValue(context), parsed.GetValue(steps), WarmUp);
            if (parsed.GetValue(worker) is { } variant)
            {
                Console.WriteLine(JsonSerializer.Serialize(TrainWorker.Run(variant, work), BenchJson.Default.TrainMeasurement));
                return ExitCode.Done;
            }

            TrainComparison comparison = TrainBench.Run(work, parsed.GetValue(rounds), Console.Error.WriteLine);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(comparison, BenchJson.Default.TrainComparison));
            }
            else
            {
                Print(comparison, work);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TrainComparison comparison, TrainWorkload work)
    {
        AnsiConsole.WriteLine(FormattableString.Invariant($"GPT-2 small, fp32, AdamW, {work.Batch} × {work.Context} tokens a step; FMA peak {comparison.FmaPeakGigaflops:F0} GFLOP/s"));
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("variant");
        foreach (string column in new[] { "ms", "tokens/s", "speed", "of peak", "memory", "of it", "loss" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (TrainFigures figures in comparison.Variants)
        {
            string[] cells =
            [
                figures.Variant == "plain" ? "TorchSharp" : $"descent, {figures.Variant}",
                FormattableString.Invariant($"{figures.Milliseconds:F0}"),
                FormattableString.Invariant($"{figures.TokensPerSecond:F0}"),
                FormattableString.Invariant($"{figures.Speedup:F2} ×"),
                FormattableString.Invariant($"{figures.OfPeak:P0}"),
                FormattableString.Invariant($"{figures.PeakBytes / 1e9:F2} GB"),
                FormattableString.Invariant($"{figures.MemoryRatio:P0}"),
                FormattableString.Invariant($"{figures.LastLoss:F3}"),
            ];
            table.AddRow([.. cells.Select(cell => new Text(cell))]);
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine("speed, memory: descent with that memory.prefer; small: updated in backward, states of int8; least: and computed again, parameters of bfloat16, memory.prefer: memory; of peak: share of the FMA peak; of it: share of TorchSharp's memory.");
    }
}
