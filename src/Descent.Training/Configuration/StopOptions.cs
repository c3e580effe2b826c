using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>When a run ends: at the first condition that is met. At least one of steps, epochs and minutes is needed, so that every run ends.</summary>
public sealed record StopOptions : IValidatable
{
    /// <summary>Optimizer steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public long? Steps
    {
        get;
        init => field = value is { } given ? Require.AtLeast(1, given) : null;
    }

    /// <summary>Passes over the training data; fractions count.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double? Epochs
    {
        get;
        init => field = value is { } given ? Require.Positive(given) : null;
    }

    /// <summary>
    /// Minutes of training, over all sessions of a resumed run. Without <see cref="Steps"/> and <see cref="Epochs"/> the schedule is laid
    /// out over as many steps as the measured speed lets fit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double? Minutes
    {
        get;
        init => field = value is { } given ? Require.Positive(given) : null;
    }

    /// <summary>A metric's value that ends the run when it is reached.</summary>
    public TargetOptions? Target { get; init; }

    /// <summary>
    /// Validations without a new best of the deciding metric after which the run ends and the best weights are restored.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? Patience
    {
        get;
        init => field = value is { } given ? Require.AtLeast(1, given) : null;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        if (Steps is null && Epochs is null && Minutes is null)
        {
            yield return "the run would never end; give steps, epochs or minutes";
        }
    }
}
