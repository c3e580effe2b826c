using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Descent.Training.Data;

/// <summary>Rows of a table, standardized, with a class or a number each.</summary>
internal sealed class TableDataset : IDataset
{
    private readonly float[] _features;
    private readonly long[] _labels;
    private readonly float[] _values;

    /// <summary>Copies and standardizes rows.</summary>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="table">The table.</param>
    /// <param name="rows">The rows of this data set.</param>
    /// <param name="scaling">How to standardize.</param>
    public TableDataset(DataShape shape, Table table, int[] rows, Standardization scaling)
    {
        Shape = shape;
        Count = rows.Length;
        int width = shape.InputLength;
        _features = new float[checked(rows.Length * width)];
        for (int i = 0; i < rows.Length; i++)
        {
            ReadOnlySpan<double> row = table.Features.AsSpan(rows[i] * width, width);
            for (int feature = 0; feature < width; feature++)
            {
                _features[(i * width) + feature] = (float)((row[feature] - scaling.Mean[feature]) / scaling.Scale[feature]);
            }
        }

        _labels = table.Labels.Length > 0 ? [.. rows.Select(row => table.Labels[row])] : [];
        _values = table.Values.Length > 0 ? [.. rows.Select(row => (float)((table.Values[row] - scaling.TargetMean) / scaling.TargetScale))] : [];
    }

    /// <inheritdoc/>
    public DataShape Shape { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <summary>Digest of all samples.</summary>
    /// <param name="sets">The data sets.</param>
    public static string Digest(params ReadOnlySpan<TableDataset> sets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (TableDataset set in sets)
        {
            hash.AppendData(BitConverter.GetBytes(set.Count));
            hash.AppendData(MemoryMarshal.AsBytes<float>(set._features));
            hash.AppendData(MemoryMarshal.AsBytes<long>(set._labels));
            hash.AppendData(MemoryMarshal.AsBytes<float>(set._values));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        int width = Shape.InputLength;
        for (int i = 0; i < samples.Length; i++)
        {
            int sample = checked((int)samples[i]);
            _features.AsSpan(sample * width, width).CopyTo(batch.Features.AsSpan(i * width));
            if (_labels.Length > 0)
            {
                batch.Labels[i] = _labels[sample];
            }
            else
            {
                batch.Values[i] = _values[sample];
            }
        }
    }
}
