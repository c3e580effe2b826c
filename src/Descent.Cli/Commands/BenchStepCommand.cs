using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Descent.Cli.Bench;
using Spectre.Console;

namespace Descent.Cli.Commands;

/// <summary><c>descent bench step</c>: one optimizer step of every rule beside this machine's memory, libtorch and TorchSharp.</summary>
internal static class BenchStepCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Interleaved rounds; medians are shown.", DefaultValueFactory = _ => 9 };
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        var device = new Option<string>("--device") { Description = "cpu, or cuda: AdamW on an NVIDIA card beside a copy and libtorch.", DefaultValueFactory = _ => "cpu" };
        device.AcceptOnlyFromAmong("cpu", "cuda");
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1000)
            {
                result.AddError($"--rounds is {result.GetValueOrDefault<int>()}; allowed: 1 to 1000");
            }
        });
        var command = new DescentCommand(
            "step",
            "Times one step of every rule over GPT-2 small's 124.4 M parameters and over 2,000 tiny tensors: beside a kernel that only moves the same memory, and beside libtorch and TorchSharp. Muon's matrix products are timed beside plain ones.",
            """
            descent bench step
            descent bench step --rounds 21 --json
            descent bench step --device cuda
            """)
        {
            rounds,
            json,
            device,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(device) == "cuda")
            {
                PrintCard(CardBench.OnTheFirstCard(parsed.GetValue(rounds)), parsed.GetValue(json));
                return ExitCode.Done;
            }

            StepComparison comparison = StepComparison.Measure(parsed.GetValue(rounds));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(comparison, BenchJson.Default.StepComparison));
            }
            else
            {
                Print("GPT-2 small, 124.4 M parameters in 148 tensors", comparison.Gpt2Rules, comparison.Gpt2Peers);
                Print("2,000 tensors of 100 elements", comparison.TinyRules, comparison.TinyPeers);
                Print(comparison.Muon);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(string title, IReadOnlyList<StepTiming> rules, IReadOnlyList<PeerTiming> peers)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine($"{title}: rules beside a kernel that only moves the same memory");
        Print(
            ["rule", "ms", "least", "GB/s", "of memory", "state bytes", "of float32"],
            rules.Select(timing => new[] { timing.Name, Time(timing), Time(timing.Fastest), Number(timing.GigabytesPerSecond, "F1"), Number(timing.OfBound, "F2", " ×"), Number(timing.StateBytes, "F2"), Number(timing.OfFloat32, "F2", " ×") }));
        AnsiConsole.WriteLine($"{title}: as a torch.optim.Optimizer, beside libtorch's fused operator and TorchSharp's optimizer, ms");
        Print(
            ["rule", "descent", "libtorch", "TorchSharp", "of libtorch", "faster than TorchSharp"],
            peers.Select(peer => new[]
            {
                peer.Rule,
                Time(peer.Descent),
                Time(peer.LibTorch),
                Time(peer.TorchSharp),
                Number(peer.OfLibTorch, "F2", " ×"),
                Number(peer.FasterThanTorchSharp, "F1", " ×"),
            }));
    }

    private static void Print(MuonTiming muon)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine($"Muon's {muon.Steps} Newton–Schulz steps over the {muon.Matrices} hidden matrices of GPT-2 small, beside plain products in float32");
        Print(
            ["", "ms", "GFLOP/s", "Muon's share"],
            [
                ["Newton–Schulz", Time(muon.Milliseconds), Number(muon.GigaflopsPerSecond, "F1"), ""],
                ["mm, the same products one by one", "", Number(muon.SameProducts, "F1"), Number(muon.GigaflopsPerSecond / muon.SameProducts, "F2", " ×")],
                ["mm, 2048 × 2048", "", Number(muon.LargeProduct, "F1"), Number(muon.GigaflopsPerSecond / muon.LargeProduct, "F2", " ×")],
            ]);
        AnsiConsole.WriteLine(
            $"The steps run at {Number(muon.OfProducts, "F2")} of the faster one's rate (aim: {Number(MuonTiming.Aim, "F2")}): {(muon.Reached ? "reached" : "not reached")}.");
    }

    private static void PrintCard(CardTimings timings, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(timings, BenchJson.Default.CardTimings));
            return;
        }

        PrintCard("GPT-2 small, 124.4 M parameters in 148 tensors", timings.Gpt2);
        AnsiConsole.WriteLine(
            $"The fused step runs at {Number(timings.Gpt2.OfCopy, "F2")} of the copy's rate (aim: 0.90) and takes {Number(timings.Gpt2.OfLibTorch, "F2")} of libtorch's time (aim: 1.00): "
            + $"{(timings.Gpt2.Reached ? "both reached" : "not reached")}.");
        PrintCard("2,000 tensors of 100 elements", timings.Tiny);
    }

    private static void PrintCard(string title, CardComparison comparison)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine($"{title} on a card: AdamW beside a copy of as many bytes");
        StepTiming[] timings = [comparison.Copy, comparison.Fused, comparison.LibTorchFused, comparison.LibTorchForeach, comparison.Operators];
        Print(
            ["", "ms", "least", "GB/s", "of the copy's rate"],
            timings.Select(timing => new[]
            {
                timing.Name,
                Time(timing),
                Time(timing.Fastest),
                Number(timing.GigabytesPerSecond, "F1"),
                Number(timing.GigabytesPerSecond / comparison.Copy.GigabytesPerSecond, "F2", " ×"),
            }));
    }

    private static void Print(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn(columns[0]);
        foreach (string column in columns[1..])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        AnsiConsole.Write(table);
    }

    private static string Time(StepTiming? timing) => Time(timing?.Milliseconds);

    private static string Time(double? milliseconds) => Number(milliseconds, "F3");

    private static string Number(double? value, string format, string unit = "") => value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) + unit : "";
}
