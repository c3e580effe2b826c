using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>What happens to gradients between backward and the step. All of it folds into the step: no pass over them is added but the norm's.</summary>
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
        if (FullBatch && Accumulate > 1)
        {
            yield return $"full_batch takes all batches of an epoch for a step, accumulate says {Accumulate}; give one of them";
        }
    }
}
