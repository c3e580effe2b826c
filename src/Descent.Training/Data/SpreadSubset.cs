namespace Descent.Training.Data;

/// <summary>A fixed choice of samples, spread over a whole data set: always the same, so that figures taken on it can be compared.</summary>
internal sealed class SpreadSubset : IDataset
{
    private readonly IDataset _dataset;
    private readonly long[] _chosen;

    /// <summary>Chooses samples.</summary>
    /// <param name="dataset">The data set to choose from.</param>
    /// <param name="count">How many, 1 … the data set's count.</param>
    public SpreadSubset(IDataset dataset, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _dataset = dataset;
        var order = new Permutation(dataset.Count, new EpochKey(0, 0));
        _chosen = new long[count];
        for (int i = 0; i < _chosen.Length; i++)
        {
            _chosen[i] = order[i];
        }

        // In the data set's own order, neighbours in memory are read one after the other.
        Array.Sort(_chosen);
    }

    /// <inheritdoc/>
    public DataShape Shape => _dataset.Shape;

    /// <inheritdoc/>
    public long Count => _chosen.Length;

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        long[] chosen = new long[samples.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = _chosen[samples[i]];
        }

        _dataset.Fill(chosen, batch, epoch);
    }
}
