namespace Descent.Training;

/// <summary>How a run ended.</summary>
public sealed record RunStopped
{
    /// <summary>Which termination condition was met.</summary>
    public required StopReason Reason { get; init; }

    /// <summary>One sentence that says it to a person.</summary>
    public required string Message { get; init; }

    /// <summary>Optimizer steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Seconds of training, over all sessions of a resumed run.</summary>
    public required double Seconds { get; init; }

    /// <summary>The step with the best deciding metric, or null when nothing was validated.</summary>
    public long? BestStep { get; init; }

    /// <summary>The best value of the deciding metric.</summary>
    public double? BestMetric { get; init; }

    /// <summary>Whether the model now holds the best weights instead of the last ones.</summary>
    public bool RestoredBest { get; init; }
}
