using Descent.Training.Data;

namespace Descent.Training.Tests.Training;

/// <summary>A regression of a few numbers, in memory: y = x₀ − 2x₁ + x₂·x₃, with a fixed share of noise.</summary>
internal sealed class TinyTask(int count, int start = 0) : IDataset
{
    public DataShape Shape { get; } = new() { Task = TaskKind.Regression, InputShape = [4], Outputs = 1 };

    public long Count => count;

    public static DataSplit Split(int training = 64, int validation = 16) => new()
    {
        Training = new TinyTask(training),
        Validation = new TinyTask(validation, start: 100_000),
        Description = "a tiny regression",
        Fingerprint = new string('0', 64),
    };

    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        for (int row = 0; row < samples.Length; row++)
        {
            var random = new Random((int)samples[row] + start);
            float[] x = [.. Enumerable.Range(0, 4).Select(_ => (float)((random.NextDouble() * 2) - 1))];
            x.CopyTo(batch.Features.AsSpan(row * 4));
            batch.Values[row] = x[0] - (2 * x[1]) + (x[2] * x[3]) + (0.1f * (float)random.NextDouble());
        }
    }
}
