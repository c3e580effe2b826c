using Descent.Training;

namespace Descent.Cli.Tests;

/// <summary>Events as a trainer reports them, with every property set.</summary>
internal static class Events
{
    public static RunStarted Started(long step = 0, long? total = 2000, string? directory = "runs/tales") => new()
    {
        RunDirectory = directory,
        Model = "gpt, 6 layers × 384, 10.7 M parameters",
        Parameters = 10_712_832,
        Data = "text ./corpus, 3.2 M tokens, 5 % held out",
        Optimizer = "adamw, rate 3e-4, weight decay 0.1",
        Unit = "tokens",
        Step = step,
        TotalSteps = total,
        TotalSeconds = 600,
        Metric = "validation/loss",
        Configuration = "model:\n  kind: gpt\n  layers: 6\noptimizer:\n  kind: adamw\n  learning_rate: 3e-4\n",
        Time = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
    };

    public static StepReport Step(long step, double? loss = null) => new()
    {
        Step = step,
        Epoch = step / 100.0,
        Loss = loss ?? 5 / Math.Sqrt(step),
        Terms = new Dictionary<string, double> { ["cross_entropy"] = 5 / Math.Sqrt(step), ["l2"] = 0.01 },
        LearningRate = 3e-4,
        GradientNorm = 0.8125,
        Throughput = 12_345,
        Memory = 1_200L << 20,
        PeakMemory = 1_500L << 20,
        Seconds = step * 0.5,
        SecondsLeft = (2000 - step) * 0.5,
    };

    public static ValidationReport Validation(long step, double loss, bool best) => new()
    {
        Step = step,
        Metrics = new Dictionary<string, double> { ["validation/loss"] = loss, ["validation/accuracy"] = 0.75 },
        IsBest = best,
        Seconds = step * 0.5,
    };

    public static RunStopped Stopped(long step, StopReason reason = StopReason.Steps) => new()
    {
        Reason = reason,
        Message = $"All {step} steps are done.",
        Step = step,
        Seconds = step * 0.5,
        BestStep = step,
        BestMetric = 1.0625,
        RestoredBest = true,
    };
}
