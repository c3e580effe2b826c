namespace Descent.Training;

/// <summary>One optimizer step: what it cost and where it stands.</summary>
public sealed record StepReport
{
    /// <summary>Optimizer steps done, counted from 1.</summary>
    public required long Step { get; init; }

    /// <summary>Passes over the training data so far, with the fraction of the present one.</summary>
    public required double Epoch { get; init; }

    /// <summary>Training loss of this step's batch, without penalties: the mean over its counted targets.</summary>
    public required double Loss { get; init; }

    /// <summary>The weighted terms the loss is made of, and the penalties, by name; empty for a loss of one term.</summary>
    public IReadOnlyDictionary<string, double> Terms { get; init; } = new Dictionary<string, double>();

    /// <summary>The learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The rate of every group, by its name; null where there is one group.</summary>
    public IReadOnlyDictionary<string, double>? LearningRates { get; init; }

    /// <summary>The settings that change with the step, by key, in the first step of a session and whenever one of them has changed; null otherwise.</summary>
    public IReadOnlyDictionary<string, double>? Settings { get; init; }

    /// <summary>Global 2-norm of the gradients before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The same norm after clipping, before noise; null where nothing clips.</summary>
    public double? ClippedNorm { get; init; }

    /// <summary>
    /// The part that was clipped, from 0 to 1: of the elements (by value), the tensors or blocks (each by its norm), the units (adaptive), or all or nothing (by the
    /// global norm); null where nothing clips.
    /// </summary>
    public double? ClippedFraction { get; init; }

    /// <summary>What the loss of the batch rises by where sharpness-aware minimization climbs to; null without it.</summary>
    public double? Sharpness { get; init; }

    /// <summary>Tokens or samples a second, smoothed over the last steps.</summary>
    public required double Throughput { get; init; }

    /// <summary>Resident memory of the process in bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>Highest resident memory of the process so far in bytes, as the kernel reports it.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>Seconds of training so far, over all sessions of a resumed run.</summary>
    public required double Seconds { get; init; }

    /// <summary>Estimated seconds to the end, or null when it cannot be known.</summary>
    public double? SecondsLeft { get; init; }
}
