namespace Descent.Tuning;

/// <summary>
/// Wilcoxon's signed-rank test: whether differences are symmetric around zero. Zeros are left out, equal sizes share their mean rank.
/// </summary>
internal static class SignedRankTest
{
    private const int MostExact = 60;

    /// <summary>P(W⁺ ≥ what was seen) if every sign were a coin's: small where the differences tend to be above zero.</summary>
    /// <remarks>
    /// Exact for up to 60 differences, by counting sign patterns over doubled ranks (which are whole numbers with ties too); beyond those by the normal approximation with
    /// continuity correction.
    /// </remarks>
    public static double ProbabilityOfLarger(double[] differences)
    {
        double[] sizes = [.. differences.Where(static difference => difference != 0).OrderBy(Math.Abs)];
        int n = sizes.Length;
        if (n == 0)
        {
            return 1;
        }

        int[] doubledRanks = new int[n];
        for (int begin = 0; begin < n;)
        {
            int end = begin;
            while (end + 1 < n && Math.Abs(sizes[end + 1]) == Math.Abs(sizes[begin]))
            {
                end++;
            }

            Array.Fill(doubledRanks, begin + end + 2, begin, end - begin + 1);
            begin = end + 1;
        }

        int total = doubledRanks.Sum();
        int seen = 0;
        for (int i = 0; i < n; i++)
        {
            seen += sizes[i] > 0 ? doubledRanks[i] : 0;
        }

        if (n > MostExact)
        {
            double variance = doubledRanks.Sum(static rank => (double)rank * rank) / 4;
            return Normal.Cdf(-(seen - 1 - (total / 2.0)) / Math.Sqrt(variance));
        }

        double[] probability = new double[total + 1];
        probability[0] = 1;
        int reached = 0;
        foreach (int rank in doubledRanks)
        {
            reached += rank;
            for (int sum = reached; sum >= 0; sum--)
            {
                probability[sum] = 0.5 * (probability[sum] + (sum >= rank ? probability[sum - rank] : 0));
            }
        }

        return probability[seen..].Sum();
    }
}
