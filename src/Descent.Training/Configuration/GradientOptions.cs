using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>
/// What happens to gradients between backward and the step. Clipping folds into the step: no pass is added but the norm's, which adaptive clipping does its
/// work in. Noise is a pass of its own.
/// </summary>
public sealed record GradientOptions : IValidatable
{
    /// <summary>
    /// The largest global 2-norm: larger gradients are scaled by max/(norm + 1e-6), as PyTorch's <c>clip_grad_norm_</c> does. Null does not clip.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double? ClipNorm
    {
        get;
        init => field = value is { } given ? Require.Positive(given) : null;
    }

    /// <summary>The largest absolute value of an element of the mean gradient; larger ones are set to it. Null does not clip.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double? ClipValue
    {
        get;
        init => field = value is { } given ? Require.Positive(given) : null;
    }

    /// <summary>Clipping of every tensor or block by its own norm. Null does not clip.</summary>
    public ClipEachOptions? ClipEach { get; init; }

    /// <summary>Clipping of every unit of a layer by its weights' norm. Null does not clip.</summary>
    public AdaptiveClipOptions? ClipAdaptive { get; init; }

    /// <summary>Gaussian noise, added after clipping. Null adds none.</summary>
    public GradientNoiseOptions? Noise { get; init; }

    /// <summary>
    /// Batches whose gradients make one step. The result equals one batch of all their samples: losses are summed and divided by the number of
    /// counted targets of the whole window.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Accumulate
    {
        get;
        init => field = Require.AtLeast(1, value);
    } = 1;

    /// <summary>
    /// Whether a step sees all training data, batch by batch: gradient descent in the strict sense. <see cref="Accumulate"/> is then of no use.
    /// </summary>
    public bool FullBatch { get; init; }

    /// <summary>What a step does whose loss or gradient is infinite or NaN.</summary>
    public NonFiniteAction NonFinite { get; init; } = NonFiniteAction.Stop;

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        string[] clips =
        [
            .. new[] { ("clip_norm", ClipNorm is not null), ("clip_value", ClipValue is not null), ("clip_each", ClipEach is not null), ("clip_adaptive", ClipAdaptive is not null) }
                .Where(clip => clip.Item2).Select(clip => clip.Item1),
        ];
        if (clips.Length > 1)
        {
            yield return $"{string.Join(" and ", clips)} are set, and each would undo what the other measures; give one of them";
        }

        if (FullBatch && Accumulate > 1)
        {
            yield return $"full_batch takes all batches of an epoch for a step, accumulate says {Accumulate}; give one of them";
        }
    }
}
