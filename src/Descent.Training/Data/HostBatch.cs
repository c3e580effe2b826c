namespace Descent.Training.Data;

/// <summary>
/// A batch in managed arrays, filled by an <see cref="IDataset"/> and used again and again. Only the arrays of the task exist; the others are
/// empty. Rows are samples, contiguous.
/// </summary>
public sealed class HostBatch
{
    /// <summary>Allocates the arrays for a shape.</summary>
    /// <param name="shape">What every sample looks like.</param>
    /// <param name="capacity">Most samples the batch can hold, at least 1.</param>
    public HostBatch(DataShape shape, int capacity)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Shape = shape;
        Capacity = capacity;
        int inputs = checked(capacity * shape.InputLength);
        bool text = shape.Task == TaskKind.LanguageModel;
        Tokens = text ? new long[inputs] : [];
        Features = text ? [] : new float[inputs];
        Labels = text ? new long[inputs] : shape.Task == TaskKind.Classification ? new long[capacity] : [];
        Values = shape.Task == TaskKind.Regression ? new float[checked(capacity * shape.Outputs)] : [];
    }

    /// <summary>What every sample looks like.</summary>
    public DataShape Shape { get; }

    /// <summary>Most samples the batch can hold.</summary>
    public int Capacity { get; }

    /// <summary>Input tokens [samples, context]; language models only.</summary>
    public long[] Tokens { get; }

    /// <summary>Input numbers [samples, …]; classification and regression.</summary>
    public float[] Features { get; }

    /// <summary>Target tokens [samples, context] or classes [samples]; language models and classification.</summary>
    public long[] Labels { get; }

    /// <summary>Target numbers [samples, outputs]; regression only.</summary>
    public float[] Values { get; }

    /// <summary>UTF-8 bytes that the target tokens stand for; the data set sets it, 0 where the data isn't text.</summary>
    public long TargetBytes { get; set; }

    /// <summary>Samples filled.</summary>
    internal int Samples { get; set; }

    /// <summary>Where the data goes on after this batch.</summary>
    internal DataCursor After { get; set; } = new(0, 0);
}
