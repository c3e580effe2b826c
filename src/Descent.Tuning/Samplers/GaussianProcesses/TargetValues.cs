namespace Descent.Tuning.Samplers;

/// <summary>Losses as a Gaussian process likes them: mean 0, variance 1, and no tail of disasters.</summary>
public static class TargetValues
{
    public static int Mode = 1;
    [ThreadStatic] internal static int? SetMode;

    /// <summary>The values of rows in the order in which they finished.</summary>
    internal static double[] Of(IReadOnlyList<EvidenceRow> rows, IReadOnlyList<int> order, int count)
    {
        double[] y = new double[count]; int Mode = SetMode ?? TargetValues.Mode;
        // worst finite
        double worst = double.NegativeInfinity, best = double.PositiveInfinity;
        for (int i = 0; i < count; i++)
            if (rows[i].Class == EvidenceClass.Complete) { worst = Math.Max(worst, rows[i].Loss); best = Math.Min(best, rows[i].Loss); }
        if (double.IsInfinity(worst)) worst = best = 0;
        List<int> complete = [];
        for (int i = 0; i < count; i++)
        {
            if (rows[i].Class == EvidenceClass.Complete) complete.Add(i);
            y[i] = rows[i].Class switch
            {
                EvidenceClass.Complete => rows[i].Loss,
                EvidenceClass.Pruned => Math.Min(worst, rows[i].Loss),
                _ => worst,
            };
        }

        if (Mode >= 1 && count >= 4)
        {
            double[] sorted = [.. y.Order()];
            double median = sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
            double good = 0; int m = 0;
            foreach (double v in sorted) if (v <= median) { good += (v - median) * (v - median); m++; }
            double sigma = Math.Sqrt(good / m);
            if (sigma > 0)
            {
                int[] rank = new int[count];
                int[] idx = [.. Enumerable.Range(0, count).OrderBy(i => y[i])];
                for (int r = 0; r < count; r++) rank[idx[r]] = r;
                // ties: same value -> same rank (mean)
                for (int r = 0; r < count;)
                {
                    int e = r; while (e + 1 < count && y[idx[e + 1]] == y[idx[r]]) e++;
                    for (int k = r; k <= e; k++) rank[idx[k]] = (r + e) / 2;
                    r = e + 1;
                }
                double[] w = [.. y];
                for (int i = 0; i < count; i++)
                    if (y[i] > median)
                    {
                        double z = sigma * Normal.Quantile((rank[i] + 0.5) / count);
                        w[i] = Mode == 3 ? Math.Min(y[i], median + (z * 1)) : median + z;
                    }
                y = w;
            }
            if (Mode == 2)
            {
                double lo = y.Min(), hi = y.Max();
                if (hi > lo) for (int i = 0; i < count; i++) y[i] = -(0.5 - (Math.Log(1 + ((hi - y[i]) / (hi - lo) * 0.5)) / Math.Log(1.5))) ;
                // vizier log warp: maximization; here larger normalized = better; convert back to loss
                if (hi > lo) for (int i = 0; i < count; i++) y[i] = -y[i];
            }
        }

        double mean = y.Average();
        double sd = Math.Sqrt(y.Sum(v => (v - mean) * (v - mean)) / count);
        for (int i = 0; i < count; i++) y[i] = sd > 0 ? (y[i] - mean) / sd : 0;
        return y;
    }
}
