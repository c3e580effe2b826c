using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>How often a run is saved and what is kept. The end of a run is always saved, and so is an interrupt.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Steps between checkpoints; null leaves it to <see cref="EveryMinutes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public long? EverySteps
    {
        get;
        init => field = value is { } given ? Require.AtLeast(1, given) : null;
    }

    /// <summary>Minutes between checkpoints; null leaves it to <see cref="EverySteps"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double? EveryMinutes
    {
        get;
        init => field = value is { } given ? Require.Positive(given) : null;
    } = 5;

    /// <summary>How many of the newest checkpoints stay. With 2 a damaged newest one costs little.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int KeepLast
    {
        get;
        init => field = Require.AtLeast(1, value);
    } = 2;

    /// <summary>Whether the weights with the best deciding metric are saved when they are reached, and kept.</summary>
    public bool KeepBest { get; init; } = true;
}
