namespace Descent.Training;

/// <summary>The result of one pass over held-out data.</summary>
public sealed record ValidationReport
{
    /// <summary>The optimizer step after which it was measured; 0 is the untrained model.</summary>
    public required long Step { get; init; }

    /// <summary>Metrics by name: always "validation/loss"; "validation/nats_per_byte" for text, "validation/accuracy" for classes, and so on.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Whether the deciding metric is the best so far.</summary>
    public required bool IsBest { get; init; }

    /// <summary>Seconds of training so far.</summary>
    public required double Seconds { get; init; }
}
