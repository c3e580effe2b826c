using Descent.Torch;
using Descent.Training;

namespace Descent.Cli.Progress;

/// <summary>What a run says in words, the same in every display.</summary>
internal static class RunText
{
    // Enough of a sample to see how it reads; the report has all of it.
    private const int SampleLength = 400;

    /// <summary>What is trained, on what, how and where to.</summary>
    public static IReadOnlyList<string> Head(RunStarted started)
    {
        List<string> lines = [started.Model, started.Data, started.Optimizer];
        if (started.Routing.Count > 0)
        {
            lines.AddRange(RoutingTable.Lines(started.Routing).Select(static line => "  " + line));
        }

        if (started.RunDirectory is { } directory)
        {
            lines.Add("run directory " + directory);
        }

        if (started.Step > 0)
        {
            lines.Add($"resumed at step {Figures.Whole(started.Step)}");
        }

        return lines;
    }

    /// <summary>A step in one line.</summary>
    public static string Step(ProgressState state)
    {
        StepReport step = state.Step!;
        string total = state.Start.TotalSteps is { } steps ? "/" + Figures.Whole(steps) : "";
        string left = step.SecondsLeft is { } seconds ? $"  left {Figures.Duration(seconds)}" : "";
        return $"step {Figures.Whole(step.Step)}{total}  epoch {Figures.Epoch(step.Epoch)}  loss {Figures.Number(state.Loss)}  rate {Figures.Rate(step.LearningRate)}"
            + $"  gradient norm {Figures.Number(step.GradientNorm)}  {Figures.Throughput(step.Throughput)} {state.Start.Unit}/s"
            + $"  memory {Figures.Bytes(step.Memory)} (peak {Figures.Bytes(step.PeakMemory)})  elapsed {Figures.Duration(step.Seconds)}{left}";
    }

    /// <summary>A validation's metrics, without the word validation before each.</summary>
    public static string Metrics(ValidationReport validation) =>
        string.Join(", ", validation.Metrics.Select(metric => $"{Short(metric.Key)} {Figures.Number(metric.Value)}"));

    /// <summary>A metric's name without its group: "validation/nats_per_byte" reads "nats per byte".</summary>
    public static string Short(string metric) => metric[(metric.IndexOf('/', StringComparison.Ordinal) + 1)..].Replace('_', ' ');

    /// <summary>How a run ended: what happened, then the figures that matter.</summary>
    public static IReadOnlyList<string> End(RunStarted started, RunStopped stopped, StepReport? last)
    {
        List<string> lines = [stopped.Message];
        if (stopped is { BestMetric: { } best, BestStep: { } step })
        {
            string restored = stopped.RestoredBest ? "; these weights are restored" : "";
            lines.Add($"best {started.Metric} {Figures.Number(best)} at step {Figures.Whole(step)}{restored}");
        }

        string memory = last is null ? "" : $", peak memory {Figures.Bytes(last.PeakMemory)}";
        lines.Add($"{Figures.Of(stopped.Step, "step")} in {Figures.Duration(stopped.Seconds)}{memory}");
        return lines;
    }

    /// <summary>A sample's text, shortened.</summary>
    public static string Sample(SampleReport sample) =>
        Harmless(string.Concat((sample.Prompt + sample.Text).EnumerateRunes().Take(SampleLength)));

    /// <summary>Text whose control characters, other than line ends and tabs, can do a terminal no harm: a model may write anything.</summary>
    public static string Harmless(string text) => string.Concat(text.Select(letter => char.IsControl(letter) && letter is not ('\n' or '\t') ? '·' : letter));
}
