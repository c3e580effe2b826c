using Descent.Optimizers;

namespace Descent.Training.Checkpoints;

/// <summary>Everything a run needs to go on exactly, beside its tensors: the content of <c>trainer.json</c>.</summary>
public sealed record TrainerState
{
    /// <summary>
    /// The layout this version writes. Older ones stay readable. 3: the weights in training can lie beside those to use the model with.
    /// </summary>
    public const int CurrentSchemaVersion = 3;

    /// <summary>The layout of the file.</summary>
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>Optimizer steps done.</summary>
    public required long Step { get; init; }

    /// <summary>The epoch the next sample belongs to, counted from 0.</summary>
    public required long Epoch { get; init; }

    /// <summary>The place of the next sample in its epoch's order.</summary>
    public required long Sample { get; init; }

    /// <summary>The digest of the data the run sees, so that it cannot go on unnoticed with other data; null when it is not known.</summary>
    public string? DataFingerprint { get; init; }

    /// <summary>Seconds of training so far.</summary>
    public required double Seconds { get; init; }

    /// <summary>The norm of the last step's gradient, which may be what the next one is clipped by; null before the first step and in older checkpoints.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>The number of steps the schedule is laid out for, when a time budget and not the run file decides it.</summary>
    public long? PlannedSteps { get; init; }

    /// <summary>Optimizer steps of each parameter, in checkpoints of schema 1; later the optimizer's own file has them.</summary>
    public IReadOnlyDictionary<string, long>? ParameterSteps { get; init; }

    /// <summary>What the rule carries for a whole group, in checkpoints of schema 1; later the optimizer's own file has it.</summary>
    public IReadOnlyDictionary<string, double>? SharedOptimizerState { get; init; }

    /// <summary>The metrics of the last validation.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>The step of that validation; null before the first one.</summary>
    public long? ValidatedStep { get; init; }

    /// <summary>The best value of the deciding metric so far.</summary>
    public double? BestMetric { get; init; }

    /// <summary>The step that reached <see cref="BestMetric"/>.</summary>
    public long? BestStep { get; init; }

    /// <summary>Validations since <see cref="BestStep"/>.</summary>
    public int ValidationsSinceBest { get; init; }

    /// <summary>Weights that are in the average of weights.</summary>
    public long AverageUpdates { get; init; }

    /// <summary>The memory of a reduce-on-plateau schedule.</summary>
    public PlateauState? Plateau { get; init; }
}
