using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Losses;
using Descent.Training.Memory;

namespace Descent.Training.Configuration;

/// <summary>How a model is trained: everything of a run file but the model and the data themselves.</summary>
public sealed record TrainingOptions
{
    /// <summary>The update rule and its settings. Default: AdamW.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamWOptions();

    /// <summary>Parameters that are trained otherwise, or not at all; the first group that fits a parameter takes it. Default: none.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];

    /// <summary>The learning rate as a function of the step. Default: constant.</summary>
    public Schedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>
    /// Settings that change with the step, by their key in a run file: numbers of <c>optimizer</c>, <c>groups[0]</c>, <c>gradients</c> and <c>regularization</c>, such as
    /// <c>optimizer.beta2</c>, and <c>data.batch_size</c> and <c>model.dropout</c>. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, ScheduledValue> Schedules { get; init; } = new Dictionary<string, ScheduledValue>();

    /// <summary>The loss. Null takes the task's own: cross entropy for text and classes, mean squared error for numbers.</summary>
    /// <exception cref="ArgumentException">It has a weight, which a loss alone has no use for.</exception>
    public LossOptions? Loss
    {
        get;
        init => field = value is null or { Weight: 1 }
            ? value
            : throw Require.Refused(nameof(Loss), $"has weight {value.Weight}, which scales a term of a sum; allowed: 1, or a sum of this one term");
    }

    /// <summary>Penalties and dropout.</summary>
    public RegularizationOptions Regularization { get; init; } = new();

    /// <summary>Clipping and accumulation.</summary>
    public GradientOptions Gradients { get; init; } = new();

    /// <summary>Sharpness-aware minimization around the optimizer. Default: off.</summary>
    public SharpnessOptions Sharpness { get; init; } = new();

    /// <summary>The average of the weights that is measured and saved in their place. Default: none.</summary>
    public AverageOptions Average { get; init; } = new NoAverageOptions();

    /// <summary>The termination conditions. Null is one epoch.</summary>
    public StopOptions? Stop { get; init; }

    /// <summary>Validation on held-out data, and the metric that decides.</summary>
    public ValidationOptions Validation { get; init; } = new();

    /// <summary>Checkpoints.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>Sample texts of a language model, before and after.</summary>
    public SampleOptions Sample { get; init; } = new();

    /// <summary>What to spend where time and memory can be traded.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>The seed of every random choice: initialisation, order of the data, dropout, sampling. Same seed, same bits.</summary>
    public long Seed { get; init; } = 1;
}
