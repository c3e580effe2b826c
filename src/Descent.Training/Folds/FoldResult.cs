namespace Descent.Training.Folds;

/// <summary>What came of one fold.</summary>
public sealed record FoldResult
{
    /// <summary>Its place among all folds, from 0.</summary>
    public required int Fold { get; init; }

    /// <summary>Which of the repeats it belongs to, from 0.</summary>
    public required int Repeat { get; init; }

    /// <summary>Its number within the repeat, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>Samples that were trained on; windows of text.</summary>
    public required long TrainingSamples { get; init; }

    /// <summary>Samples that were held out; windows of text.</summary>
    public required long ValidationSamples { get; init; }

    /// <summary>The metrics over all held-out samples, by the weights that the training ended with.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Steps of training.</summary>
    public required long Steps { get; init; }

    /// <summary>Seconds of training.</summary>
    public required double Seconds { get; init; }

    /// <summary>Why it ended.</summary>
    public required StopReason Reason { get; init; }

    /// <summary>Whether the weights of an earlier step were taken, because the held-out samples said so: then the metrics are better than those of new samples will be.</summary>
    public bool RestoredBest { get; init; }

    /// <summary>Of a nested cross validation: what the search within the fold's training part chose, by the keys of the run file. Null: nothing was searched.</summary>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }
}
