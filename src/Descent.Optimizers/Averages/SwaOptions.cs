namespace Descent.Optimizers;

/// <summary>
/// Stochastic weight averaging: the plain mean of the weights at regular intervals from a point of the run on, under a high rate.
/// Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018, algorithm 1.
/// </summary>
public sealed record SwaOptions : AverageOptions
{
    /// <inheritdoc/>
    public override string Kind => "swa";

    /// <summary>The part of the run after which the mean begins, from 0 to 1. Default 0.75 (the paper begins at 75 % of the budget).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Start { get; init => field = Require.Fraction(value); } = 0.75;

    /// <summary>The step after which it begins, in place of <see cref="Start"/>; at least 0. Default null.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long? StartStep { get; init => field = value is { } given ? Require.AtLeast(0, given) : null; }

    /// <summary>Steps between updates, at least 1. Default null: once a pass over the training data (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long? EverySteps { get; init => field = value is { } given ? Require.AtLeast(1, given) : null; }

    /// <inheritdoc/>
    public override bool IsDue(long step, long? steps, long stepsPerEpoch)
    {
        long? start = StartStep ?? (steps is { } all ? (long)(Start * all) : null);
        return step > start && (step - start) % (EverySteps ?? stepsPerEpoch) == 0;
    }

    /// <inheritdoc/>
    public override double Gain(long updates) => 1.0 / (1 + updates);
}
