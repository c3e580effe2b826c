using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Descent.Training.Folds;

namespace Descent.Training.Data;

/// <summary>Some of the samples of another data set, by their numbers.</summary>
public sealed class Subset : IDataset
{
    private const int DigestBatch = 256;

    private readonly IDataset _dataset;
    private readonly int[] _samples;

    /// <summary>Chooses samples.</summary>
    /// <param name="dataset">The data set to choose from.</param>
    /// <param name="samples">Their numbers in it, at least one, in the order of this data set.</param>
    /// <exception cref="ArgumentException">There are none, or a number is out of range.</exception>
    public Subset(IDataset dataset, int[] samples)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Length == 0 || samples.Min() < 0 || samples.Max() >= dataset.Count)
        {
            throw new ArgumentException($"{samples.Length} samples{(samples.Length > 0 ? $", {samples.Min()} to {samples.Max()}" : "")}; allowed: at least one, each 0 to {dataset.Count - 1}", nameof(samples));
        }

        (_dataset, _samples) = (dataset, samples);
    }

    /// <inheritdoc/>
    public DataShape Shape => _dataset.Shape;

    /// <inheritdoc/>
    public long Count => _samples.Length;

    /// <summary>A data set divided as a fold says. Samples are taken as they are: what is scaled was scaled before, so scale by a fold's training samples where scales are learned.</summary>
    /// <param name="dataset">All samples.</param>
    /// <param name="fold">The fold.</param>
    public static DataSplit Split(IDataset dataset, Fold fold)
    {
        ArgumentNullException.ThrowIfNull(fold);
        var (training, validation) = (new Subset(dataset, fold.Training), new Subset(dataset, fold.Validation));
        return new DataSplit
        {
            Training = training,
            Validation = validation,
            ValidationRows = fold.Validation,
            Description = $"{training.Count} samples to train on, {validation.Count} held out: fold {fold.Index}",
            Fingerprint = Digest(training, validation),
        };
    }

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        long[] chosen = new long[samples.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = _samples[samples[i]];
        }

        _dataset.Fill(chosen, batch, epoch);
    }

    private static string Digest(params ReadOnlySpan<Subset> sets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Subset set in sets)
        {
            hash.AppendData(BitConverter.GetBytes(set.Count));
            var batch = new HostBatch(set.Shape, DigestBatch);
            foreach (long[] samples in Enumerable.Range(0, set._samples.Length).Select(static sample => (long)sample).Chunk(DigestBatch))
            {
                set.Fill(samples, batch, new EpochKey(0, 0));
                hash.AppendData(MemoryMarshal.AsBytes<long>(batch.Tokens));
                hash.AppendData(MemoryMarshal.AsBytes<float>(batch.Features));
                hash.AppendData(MemoryMarshal.AsBytes<long>(batch.Labels));
                hash.AppendData(MemoryMarshal.AsBytes<float>(batch.Values));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
