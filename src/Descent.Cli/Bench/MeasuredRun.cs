using System.Diagnostics;
using System.Text.Json;
using Descent.Training;

namespace Descent.Cli.Bench;

/// <summary>What a step of a run took, as its metrics tell.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Seconds">Since the run's start, at the step's end.</param>
/// <param name="Memory">Bytes of the process after it.</param>
/// <param name="PeakMemory">The most bytes until then.</param>
internal readonly record struct MeasuredStep(long Step, double Seconds, double Memory, double PeakMemory);

/// <summary>A run file trained in a process of its own, whose run folder is read and deleted.</summary>
internal static class MeasuredRun
{
    /// <summary>Trains and reads the steps.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="settings">As for <c>--set</c>; <c>{folder}</c> stands for an empty folder of the run's own.</param>
    /// <param name="steps">Steps to train.</param>
    public static IReadOnlyList<MeasuredStep> Train(string file, IEnumerable<string> settings, int steps)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"descent-bench-{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            IEnumerable<string> given = settings.Select(setting => setting.Replace("{folder}", Path.Combine(folder, "own"), StringComparison.Ordinal));
            Output(["train", file, "--out", Path.Combine(folder, "run"), .. Set([.. given, $"stop.steps={steps}", "sample.tokens=0"])]);
            return Steps(Path.Combine(folder, "run", "metrics.jsonl"));
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Settings as arguments.</summary>
    public static IEnumerable<string> Set(IEnumerable<string> settings) => settings.SelectMany(static setting => new[] { "--set", setting });

    /// <summary>What a command of this program prints.</summary>
    /// <exception cref="BadInputException">It failed.</exception>
    public static string Output(string[] arguments)
    {
        ProcessStartInfo start = OwnProcess.With(arguments);
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new BadInputException($"'descent {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}: {errors.Result.Trim()}");
    }

    private static List<MeasuredStep> Steps(string metrics)
    {
        var steps = new List<MeasuredStep>();
        foreach (string line in File.ReadLines(metrics))
        {
            using JsonDocument entry = JsonDocument.Parse(line);
            JsonElement root = entry.RootElement;
            if (root.GetProperty("event").GetString() == "step")
            {
                steps.Add(new MeasuredStep(
                    root.GetProperty("step").GetInt64(),
                    root.GetProperty("seconds").GetDouble(),
                    root.GetProperty("memory").GetDouble(),
                    root.GetProperty("peak_memory").GetDouble()));
            }
        }

        return steps;
    }
}
