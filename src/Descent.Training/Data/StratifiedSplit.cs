namespace Descent.Training.Data;

/// <summary>Chooses which samples to hold out, every class in proportion.</summary>
internal static class StratifiedSplit
{
    /// <summary>
    /// Puts the samples in a seeded order, sorts that by class and holds out evenly spaced ones: of every class its share to within one sample,
    /// and the exact number in all.
    /// </summary>
    /// <param name="count">Samples, at least 2.</param>
    /// <param name="labels">Class of every sample; empty where there are no classes.</param>
    /// <param name="fraction">Share to hold out; at least one sample is held out and one is kept.</param>
    /// <param name="seed">Another seed holds out others.</param>
    /// <returns>Sample numbers of both parts, ascending.</returns>
    public static (int[] Training, int[] Validation) Choose(int count, ReadOnlySpan<long> labels, double fraction, long seed)
    {
        var order = new Permutation(count, new EpochKey(seed, 0));
        int[] samples = [.. Enumerable.Range(0, count).Select(position => (int)order[position])];
        if (!labels.IsEmpty)
        {
            long[] classes = labels.ToArray();
            samples = [.. samples.OrderBy(sample => classes[sample])];
        }

        int heldOut = Math.Clamp((int)Math.Round(count * fraction), 1, count - 1);
        bool[] isHeldOut = new bool[count];
        for (int i = 0; i < heldOut; i++)
        {
            isHeldOut[samples[(int)((i + 0.5) * count / heldOut)]] = true;
        }

        return (Where(isHeldOut, false), Where(isHeldOut, true));
    }

    private static int[] Where(bool[] isHeldOut, bool value) => [.. Enumerable.Range(0, isHeldOut.Length).Where(sample => isHeldOut[sample] == value)];
}
