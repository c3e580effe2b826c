using Descent.Training.Data;
using Descent.Training.Tests.Models;

namespace Descent.Training.Tests.Training;

/// <summary>Sequences that count in threes: a language with 32 words that can be learned.</summary>
internal sealed class CountingTokens(int count) : IDataset
{
    public DataShape Shape { get; } = TestModels.Text(vocabulary: 32, context: 8);

    public long Count => count;

    public static DataSplit Split() => new() { Training = new CountingTokens(64), Validation = new CountingTokens(8), Description = "counting", Fingerprint = new string('1', 64) };

    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        for (int i = 0; i < samples.Length * 8; i++)
        {
            batch.Tokens[i] = ((samples[i / 8] * 3) + (i % 8)) % 32;
            batch.Labels[i] = (batch.Tokens[i] + 1) % 32;
        }
    }
}
