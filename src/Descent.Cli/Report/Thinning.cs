namespace Descent.Cli.Report;

/// <summary>Makes long curves short without losing what the eye looks for: no peak and no gap disappears.</summary>
/// <remarks>
/// Values are cut into buckets of neighbours. <see cref="Extremes"/> keeps the smallest and the largest of each bucket, in their order, which
/// draws the same outline as all points; <see cref="Means"/> keeps the average, which draws the same trend.
/// </remarks>
internal sealed class Thinning
{
    /// <summary>Up to this many points a curve is kept whole; a longer one becomes half as many buckets.</summary>
    public const int MostPoints = 2000;

    private readonly int _count;
    private readonly int _buckets;

    /// <summary>Prepares to thin curves of <paramref name="count"/> points.</summary>
    public Thinning(int count)
    {
        _count = count;
        _buckets = count <= MostPoints ? count : MostPoints / 2;
    }

    /// <summary>The positions of the points that <see cref="Means"/> stand for: the last of each bucket.</summary>
    public int[] Last() => [.. Buckets().Select(bucket => bucket.End.Value - 1)];

    /// <summary>The average of each bucket's finite values, or NaN where it has none.</summary>
    public double[] Means(IReadOnlyList<double> values) => [.. Buckets().Select(bucket => Mean(values, bucket))];

    /// <summary>The positions of each bucket's smallest and largest finite value, and of one that isn't finite where there is one.</summary>
    public int[] Extremes(IReadOnlyList<double> values)
    {
        var kept = new List<int>(2 * _buckets);
        foreach (Range bucket in Buckets())
        {
            (int low, int high, int gap) = (-1, -1, -1);
            for (int i = bucket.Start.Value; i < bucket.End.Value; i++)
            {
                if (double.IsFinite(values[i]))
                {
                    low = low < 0 || values[i] < values[low] ? i : low;
                    high = high < 0 || values[i] > values[high] ? i : high;
                }
                else
                {
                    gap = i;
                }
            }

            kept.AddRange(new[] { low, high, gap }.Where(i => i >= 0).Distinct().Order());
        }

        return [.. kept];
    }

    private static double Mean(IReadOnlyList<double> values, Range bucket)
    {
        double sum = 0;
        int finite = 0;
        for (int i = bucket.Start.Value; i < bucket.End.Value; i++)
        {
            if (double.IsFinite(values[i]))
            {
                sum += values[i];
                finite++;
            }
        }

        return finite == 0 ? double.NaN : sum / finite;
    }

    private IEnumerable<Range> Buckets()
    {
        for (int i = 0; i < _buckets; i++)
        {
            int start = (int)((long)i * _count / _buckets);
            int end = (int)((long)(i + 1) * _count / _buckets);
            yield return start..end;
        }
    }
}
