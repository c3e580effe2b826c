namespace Descent.Tuning.Samplers;

/// <summary>Losses as a Gaussian process likes them: mean 0 and variance 1.</summary>
/// <remarks>
/// What isn't complete counts as bad as the worst that is; a pruned trial as the last loss it reported, between the best and the worst. With a warp, losses above the median are moved to where
/// a normal distribution with the spread of those below would have them, by their rank: a disaster then weighs no more than a bad trial. That is the "half-rank
/// warper" of Song et al., "The Vizier Gaussian Process Bandit Algorithm", 2024 (arXiv 2408.11527), section 4.1.
/// </remarks>
internal static class TargetValues
{
    /// <summary>The values of rows, in their order.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="warp">Whether bad losses are warped.</param>
    public static double[] Of(IReadOnlyList<EvidenceRow> rows, bool warp)
    {
        double[] complete = [.. rows.Where(static row => row.Class == EvidenceClass.Complete).Select(static row => row.Loss).DefaultIfEmpty(0)];
        (double best, double worst) = (complete.Min(), complete.Max());
        double[] values = [.. rows.Select(row => row.Class switch
        {
            EvidenceClass.Complete => row.Loss,
            EvidenceClass.Pruned => Math.Clamp(row.Loss, best, worst),
            _ => worst,
        })];
        if (warp && values.Length >= 4)
        {
            Warp(values);
        }

        Standardise(values);
        return values;
    }

    private static void Warp(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int n = sorted.Length;
        double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
        double[] good = [.. sorted.TakeWhile(value => value <= median)];
        double deviation = Math.Sqrt(good.Average(value => (value - median) * (value - median)));
        if (!(deviation > 0) || !double.IsFinite(deviation))
        {
            return;
        }

        for (int i = 0; i < n; i++)
        {
            if (values[i] > median)
            {
                // Equals have the rank in their middle.
                int below = LowerBound(sorted, values[i]);
                int rank = (below + LowerBound(sorted, Math.BitIncrement(values[i])) - 1) / 2;
                values[i] = median + (deviation * Normal.Quantile((rank + 0.5) / n));
            }
        }
    }

    private static int LowerBound(double[] sorted, double value)
    {
        (int low, int high) = (0, sorted.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static void Standardise(double[] values)
    {
        // First to numbers whose squares are finite.
        double largest = values.Max(Math.Abs);
        if (largest > 1e100)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] /= largest;
            }
        }

        double mean = values.Average();
        double deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = deviation > 0 ? (values[i] - mean) / deviation : 0;
        }
    }
}
