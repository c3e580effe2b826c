using Descent.Torch;

namespace Descent.Training;

/// <summary>What is about to be trained: the first event of a run, and again when it is resumed.</summary>
public sealed record RunStarted
{
    /// <summary>The run's folder, or null when nothing is written.</summary>
    public string? RunDirectory { get; init; }

    /// <summary>One line about the model: kind and size, for example "gpt, 6 layers × 384, 10.7 M parameters".</summary>
    public required string Model { get; init; }

    /// <summary>Number of trainable parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>One line about the data: source, samples, split.</summary>
    public required string Data { get; init; }

    /// <summary>One line about the optimizer and its settings.</summary>
    public required string Optimizer { get; init; }

    /// <summary>Which parameters take which rule, rate and decay. Empty in files of earlier versions.</summary>
    public IReadOnlyList<RoutingRow> Routing { get; init; } = [];

    /// <summary>What throughput counts: "tokens" or "samples".</summary>
    public required string Unit { get; init; }

    /// <summary>The step the run starts from: 0, or the checkpoint's when resumed.</summary>
    public required long Step { get; init; }

    /// <summary>The step at which the run ends at the latest, or null when only time or a metric ends it.</summary>
    public long? TotalSteps { get; init; }

    /// <summary>The time budget in seconds, or null.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>The metric that decides which checkpoint is best, for example "validation/loss".</summary>
    public required string Metric { get; init; }

    /// <summary>Whether a smaller <see cref="Metric"/> is better.</summary>
    public bool LowerIsBetter { get; init; } = true;

    /// <summary>The peak memory that a plan predicts, in bytes; null without a plan.</summary>
    public long? PredictedMemory { get; init; }

    /// <summary>The time of a step that a plan predicts, in seconds; null without a plan.</summary>
    public double? PredictedStepSeconds { get; init; }

    /// <summary>The resolved run file, as YAML.</summary>
    public required string Configuration { get; init; }

    /// <summary>When this started, in UTC.</summary>
    public required DateTimeOffset Time { get; init; }
}
