using System.Diagnostics;
using System.Text.Json;

namespace Descent.Cli.Bench;

/// <summary>
/// Trains GPT-2 small by the plain TorchSharp loop and by Descent, each in processes of their own, in turns, and compares medians.
/// </summary>
internal static class TrainBench
{
    // What GC.GetConfigurationVariables names where nothing is set: 128 MiB, read as a hexadecimal number.
    private const string DefaultBudget = "8000000";

    public static TrainComparison Run(TrainWorkload work, int rounds, Action<string> progress)
    {
        double peak = 0;
        var measured = Enum.GetValues<TrainVariant>().ToDictionary(variant => variant, _ => new List<TrainMeasurement>());
        for (int round = 1; round <= rounds; round++)
        {
            // What else runs on the machine lowers it: the highest counts.
            peak = Math.Max(peak, FmaPeak.Measure());
            foreach (TrainVariant variant in Enum.GetValues<TrainVariant>())
            {
                TrainMeasurement measurement = InOwnProcess(variant, work);
                measured[variant].Add(measurement);
                progress(FormattableString.Invariant(
                    $"round {round}/{rounds}: {variant.ToString().ToLowerInvariant(),-6} {Median(measurement.StepMilliseconds):F0} ms a step, peak {measurement.PeakBytes / 1e9:F2} GB"));
            }
        }

        TrainFigures plain = Figures(TrainVariant.Plain, measured[TrainVariant.Plain], work, peak, null);
        TrainFigures[] others =
        [
            .. measured.Where(entry => entry.Key != TrainVariant.Plain).Select(entry => Figures(entry.Key, entry.Value, work, peak, plain)),
        ];
        return new TrainComparison(peak, [plain, .. others]);
    }

    private static TrainFigures Figures(TrainVariant variant, List<TrainMeasurement> measured, TrainWorkload work, double peak, TrainFigures? plain)
    {
        double milliseconds = Median([.. measured.SelectMany(measurement => measurement.StepMilliseconds)]);
        double bytes = Median([.. measured.Select(measurement => (double)measurement.PeakBytes)]);
        long tokens = (long)work.Batch * work.Context;

        // Six operations a parameter and token: a multiply and an add, once forward and twice backward (Kaplan et al. 2020).
        double gigaflops = 6.0 * measured[0].Parameters * tokens / milliseconds / 1e6;
        return new TrainFigures(
            variant.ToString().ToLowerInvariant(),
            milliseconds,
            tokens * 1000 / milliseconds,
            gigaflops / peak,
            bytes,
            plain is null ? 1 : plain.Milliseconds / milliseconds,
            plain is null ? 1 : bytes / plain.PeakBytes,
            measured[0].LastLoss);
    }

    private static TrainMeasurement InOwnProcess(TrainVariant variant, TrainWorkload work)
    {
        ProcessStartInfo start = OwnProcess.With("bench", "train", "--worker", variant.ToString(), "--batch", $"{work.Batch}", "--context", $"{work.Context}", "--steps", $"{work.Steps}");
        if (variant == TrainVariant.Plain)
        {
            // As a program of its own would run: this one collects early (Descent.Cli.csproj), so that tensors nobody disposes of are freed sooner, too.
            start.Environment["DOTNET_GCGen0MaxBudget"] = DefaultBudget;
        }

        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize(output, BenchJson.Default.TrainMeasurement)!
            : throw new InvalidOperationException($"The process that measured '{variant}' ended with exit code {process.ExitCode}.");
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
