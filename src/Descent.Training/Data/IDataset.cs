namespace Descent.Training.Data;

/// <summary>
/// Numbered samples that fill managed arrays. Implementations are immutable after construction and touch no tensor, so that any thread may
/// fill; the same samples and key always give the same bits.
/// </summary>
public interface IDataset
{
    /// <summary>What every sample looks like.</summary>
    DataShape Shape { get; }

    /// <summary>Samples in one pass, at least 1; the same for every pass.</summary>
    long Count { get; }

    /// <summary>Writes the named samples, in this order, over the start of the batch's arrays.</summary>
    /// <param name="samples">Sample numbers, 0 … <see cref="Count"/> − 1; at most the batch's capacity.</param>
    /// <param name="batch">Receives the samples; made for this <see cref="Shape"/>.</param>
    /// <param name="epoch">The pass: what varies from pass to pass (a text's window offset) is a pure function of it.</param>
    void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch);
}
