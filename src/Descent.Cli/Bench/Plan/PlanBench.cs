using System.Diagnostics;
using System.Text.Json;
using Descent.Training;

namespace Descent.Cli.Bench;

/// <summary>Plans run files under several settings, trains each in a process of its own, and compares.</summary>
internal static class PlanBench
{
    // The first steps make states and fill caches.
    private const int WarmUp = 3;

    /// <summary>Four ways to spend memory, by the keys of a run file.</summary>
    private static readonly (string Name, string[] Settings)[] Variants =
    [
        ("speed", ["memory.prefer=speed"]),
        ("memory, recompute all", ["memory.prefer=memory", "memory.recompute=1000"]),
        ("speed, in_backward, int8", ["memory.prefer=speed", "memory.update=in_backward", "optimizer.state=int8"]),
        ("memory, half batch twice", ["memory.prefer=memory", "gradients.accumulate=2"]),
    ];

    /// <param name="files">Run files, with the size of their batch.</param>
    /// <param name="steps">Steps of each run.</param>
    /// <param name="progress">Is told each comparison.</param>
    public static IReadOnlyList<PlanComparison> Run(IReadOnlyList<string> files, int steps, Action<string> progress)
    {
        var comparisons = new List<PlanComparison>();
        foreach (string file in files)
        {
            foreach ((string name, string[] settings) in Variants)
            {
                PlanComparison comparison = Compare(file, name, settings, steps);
                comparisons.Add(comparison);
                progress(FormattableString.Invariant(
                    $"{comparison.Run,-12} {name,-26} {comparison.PredictedBytes / 1e6,7:F0} MB predicted, {comparison.MeasuredBytes / 1e6,7:F0} measured ({comparison.MemoryError:+0.0%;-0.0%}); {comparison.PredictedSeconds:F3} s, {comparison.MeasuredSeconds:F3} ({comparison.TimeError:+0.0%;-0.0%})"));
            }
        }

        return comparisons;
    }

    private static PlanComparison Compare(string file, string name, string[] settings, int steps)
    {
        string[] common = [.. settings.SelectMany(static setting => new[] { "--set", setting })];
        using JsonDocument plan = JsonDocument.Parse(InOwnProcess(["plan", file, "--json", .. common]));
        JsonElement given = plan.RootElement.GetProperty("as_given");
        string folder = Path.Combine(Path.GetTempPath(), $"descent-plan-{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            InOwnProcess(["train", file, "--out", folder, .. common, "--set", $"stop.steps={steps}", "--set", "sample.tokens=0"]);
            (double seconds, double bytes) = Measured(Path.Combine(folder, "metrics.jsonl"));
            return new PlanComparison(
                Path.GetFileNameWithoutExtension(file), name, given.GetProperty("peak").GetProperty("total").GetDouble(), bytes, given.GetProperty("step_seconds").GetDouble(), seconds);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static (double Seconds, double Bytes) Measured(string metrics)
    {
        var ends = new List<double>();
        double peak = 0;
        foreach (string line in File.ReadLines(metrics))
        {
            using JsonDocument entry = JsonDocument.Parse(line);
            if (entry.RootElement.GetProperty("event").GetString() == "step")
            {
                ends.Add(entry.RootElement.GetProperty("seconds").GetDouble());
                peak = entry.RootElement.GetProperty("peak_memory").GetDouble();
            }
        }

        double[] times = [.. ends.Zip(ends.Skip(1), static (from, to) => to - from).Skip(WarmUp - 1).Order()];
        return (times[times.Length / 2], peak);
    }

    private static string InOwnProcess(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(PlanBench).Assembly.Location);
        }

        Array.ForEach(arguments, start.ArgumentList.Add);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new BadInputException($"'descent {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}: {errors.Result.Trim()}");
    }
}
