using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

/// <summary>Samples whose only feature is their number and whose target tells the epoch.</summary>
internal sealed class CountingDataset(long count) : IDataset
{
    public DataShape Shape { get; } = new() { Task = TaskKind.Regression, InputShape = [1], Outputs = 1 };

    public long Count => count;

    /// <summary>Throws when this sample is asked for.</summary>
    public long Poison { get; init; } = -1;

    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            batch.Features[i] = samples[i] == Poison ? throw new InvalidOperationException($"sample {Poison} is poison") : samples[i];
            batch.Values[i] = epoch.Epoch;
        }
    }
}
