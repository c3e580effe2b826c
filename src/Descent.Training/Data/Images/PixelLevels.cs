namespace Descent.Training.Data;

/// <summary>What each of the 256 pixel bytes becomes, a table for every channel: normalisation at the price of a look-up.</summary>
internal static class PixelLevels
{
    /// <summary>Makes the tables.</summary>
    /// <param name="normalization">How.</param>
    /// <param name="images">Training images.</param>
    /// <param name="chosen">Which of them are trained on.</param>
    public static float[][] Of(PixelNormalization normalization, ImageSet images, int[] chosen)
    {
        int channels = (int)images.Shape[0];
        float[][] levels = new float[channels][];
        for (int channel = 0; channel < channels; channel++)
        {
            (double shift, double scale) = normalization switch
            {
                PixelNormalization.Standard => Moments(Histogram(images, chosen, channel)),
                PixelNormalization.Unit => (0.0, 255.0),
                _ => (0.0, 1.0),
            };
            levels[channel] = [.. Enumerable.Range(0, 256).Select(value => (float)((value - shift) / scale))];
        }

        return levels;
    }

    private static long[] Histogram(ImageSet images, int[] chosen, int channel)
    {
        long[] histogram = new long[256];
        int plane = images.Size / (int)images.Shape[0];
        foreach (int image in chosen)
        {
            foreach (byte value in images.Pixels.AsSpan((image * images.Size) + (channel * plane), plane))
            {
                histogram[value]++;
            }
        }

        return histogram;
    }

    private static (double Mean, double Deviation) Moments(long[] histogram)
    {
        double count = histogram.Sum();
        double mean = histogram.Select((n, value) => n * (double)value).Sum() / count;
        double variance = histogram.Select((n, value) => n * (value - mean) * (value - mean)).Sum() / count;
        return (mean, variance > 0 ? Math.Sqrt(variance) : 1);
    }
}
