namespace Descent.Training.Data;

/// <summary>Images kept as bytes, normalised when a batch is filled: a quarter of the memory of floats.</summary>
internal sealed class ImageDataset : IDataset
{
    private readonly ImageSet _images;
    private readonly int[] _chosen;
    private readonly float[][] _levels;

    /// <summary>Chooses images.</summary>
    /// <param name="images">All images.</param>
    /// <param name="chosen">Which of them are the samples.</param>
    /// <param name="levels">What a pixel byte becomes, a table for every channel.</param>
    /// <param name="classes">Number of classes.</param>
    public ImageDataset(ImageSet images, int[] chosen, float[][] levels, int classes)
    {
        (_images, _chosen, _levels) = (images, chosen, levels);
        Shape = new DataShape { Task = TaskKind.Classification, InputShape = images.Shape, Outputs = classes };
    }

    /// <inheritdoc/>
    public DataShape Shape { get; }

    /// <inheritdoc/>
    public long Count => _chosen.Length;

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        int size = _images.Size;
        int plane = size / _levels.Length;
        for (int i = 0; i < samples.Length; i++)
        {
            int image = _chosen[samples[i]];
            batch.Labels[i] = _images.Labels[image];
            for (int channel = 0; channel < _levels.Length; channel++)
            {
                float[] levels = _levels[channel];
                ReadOnlySpan<byte> pixels = _images.Pixels.AsSpan((image * size) + (channel * plane), plane);
                Span<float> destination = batch.Features.AsSpan((i * size) + (channel * plane), plane);
                for (int pixel = 0; pixel < pixels.Length; pixel++)
                {
                    destination[pixel] = levels[pixels[pixel]];
                }
            }
        }
    }
}
