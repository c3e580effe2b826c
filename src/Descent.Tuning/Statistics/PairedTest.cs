namespace Descent.Tuning.Statistics;

/// <summary>Whether two ways to do the same differ, from differences on equal terms: the same seeds, the same folds, the same data.</summary>
public static class PairedTest
{
    /// <summary>The p-value of Student's paired t-test, two-sided: t = d̄ / (s/√n) with n − 1 degrees of freedom.</summary>
    /// <remarks>
    /// Assumes that differences are normally distributed; where they are all the same, they differ for sure or not at all (p 0 or 1). With as few as 3 differences it can find what
    /// <see cref="SignedRank"/> can't.
    /// </remarks>
    /// <param name="differences">Finite differences, at least two.</param>
    /// <exception cref="ArgumentException">There are fewer, or one is not finite.</exception>
    public static double T(IReadOnlyList<double> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        if (differences.Count < 2 || !differences.All(double.IsFinite))
        {
            throw new ArgumentException($"differences are [{string.Join(", ", differences)}]; allowed: at least two, all finite", nameof(differences));
        }

        double mean = differences.Average();
        double error = ConfidenceInterval.StandardError(differences, mean);
        return mean == 0 ? 1 : StudentT.TwoSided(mean / error, differences.Count - 1);
    }

    /// <summary>The p-value of Wilcoxon's signed-rank test, two-sided, with its exact distribution up to 60 differences.</summary>
    /// <remarks>
    /// Needs only that differences are symmetric around zero under the hypothesis, and takes infinite ones: a run that diverged is the worst of all. The smallest p that n differences can give is
    /// 2¹⁻ⁿ: with fewer than six, none below 0.05. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945).
    /// </remarks>
    /// <param name="differences">The differences; zeros are left out, and none may be NaN.</param>
    /// <exception cref="ArgumentException">One is NaN.</exception>
    public static double SignedRank(IReadOnlyList<double> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        if (differences.Any(double.IsNaN))
        {
            throw new ArgumentException($"differences are [{string.Join(", ", differences)}]; allowed: numbers", nameof(differences));
        }

        double larger = SignedRankTest.ProbabilityOfLarger([.. differences]);
        double smaller = SignedRankTest.ProbabilityOfLarger([.. differences.Select(static difference => -difference)]);
        return Math.Min(1, 2 * Math.Min(larger, smaller));
    }
}
