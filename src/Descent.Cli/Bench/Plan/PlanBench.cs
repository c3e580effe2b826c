using System.Text.Json;

namespace Descent.Cli.Bench;

/// <summary>Plans run files under several settings, trains each in a process of its own, and compares.</summary>
internal static class PlanBench
{
    // Short steps are repeated: for the first seconds of a process its code is still being compiled beside it.
    private const double LeastSeconds = 20;
    private const int MostSteps = 400;

    /// <summary>Four ways to spend memory, by the keys of a run file.</summary>
    private static readonly (string Name, string[] Settings)[] Variants =
    [
        ("speed", ["memory.prefer=speed"]),
        ("memory, recompute all", ["memory.prefer=memory", "memory.recompute=1000"]),
        ("speed, in_backward, int8", ["memory.prefer=speed", "memory.update=in_backward", "optimizer.state=int8"]),
        ("memory, half batch twice", ["memory.prefer=memory", "gradients.accumulate=2"]),
    ];

    /// <param name="files">Run files, with the size of their batch.</param>
    /// <param name="steps">Steps of each run; more where they take less than 20 seconds.</param>
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
        using JsonDocument plan = JsonDocument.Parse(MeasuredRun.Output(["plan", file, "--json", .. MeasuredRun.Set(settings)]));
        JsonElement given = plan.RootElement.GetProperty("as_given");
        double predicted = given.GetProperty("step_seconds").GetDouble();
        steps = Math.Max(steps, (int)Math.Min(MostSteps, LeastSeconds / predicted));
        IReadOnlyList<MeasuredStep> measured = MeasuredRun.Train(file, settings, steps);
        return new PlanComparison(
            Path.GetFileNameWithoutExtension(file), name, given.GetProperty("peak").GetProperty("total").GetDouble(), measured[^1].PeakMemory, predicted, Seconds(measured));
    }

    private static double Seconds(IReadOnlyList<MeasuredStep> steps)
    {
        // The first quarter makes states and fills caches.
        double[] times = [.. steps.Zip(steps.Skip(1), static (from, to) => to.Seconds - from.Seconds).Skip(steps.Count / 4).Order()];
        return times[times.Length / 2];
    }
}
