namespace Descent.Tuning.Statistics;

/// <summary>Keeps many comparisons honest: whoever looks often enough finds something by chance.</summary>
public static class HolmCorrection
{
    /// <summary>
    /// p-values as if each comparison had been the only one: with p₁ ≤ … ≤ pₘ sorted, p̃ᵢ = maxⱼ≤ᵢ min(1, (m − j + 1)·pⱼ). The chance of any wrong finding below a level is
    /// then at most that level, however the comparisons depend on each other.
    /// </summary>
    /// <remarks>Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).</remarks>
    /// <param name="pValues">The p-values of single comparisons, from 0 to 1.</param>
    /// <returns>The corrected ones, in the same order.</returns>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        int[] order = [.. Enumerable.Range(0, pValues.Count).OrderBy(index => pValues[index])];
        double[] adjusted = new double[pValues.Count];
        double most = 0;
        for (int i = 0; i < order.Length; i++)
        {
            most = Math.Max(most, Math.Min(1, (order.Length - i) * pValues[order[i]]));
            adjusted[order[i]] = most;
        }

        return adjusted;
    }
}
