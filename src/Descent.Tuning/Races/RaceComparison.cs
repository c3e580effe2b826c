using Descent.Tuning.Statistics;

namespace Descent.Tuning.Races;

/// <summary>How a contender differs from the best one, on the seeds that both have run.</summary>
/// <param name="Pairs">How many seeds.</param>
/// <param name="Difference">By how much it is worse, with the interval of the mean; none: a run failed, or there is no pair.</param>
/// <param name="Test">The test: <see cref="TTest"/>, or <see cref="SignedRank"/> where a run failed and is the worst of all.</param>
/// <param name="PValue">The two-sided p-value of this comparison alone.</param>
/// <param name="AdjustedPValue">The same after Holm's correction for all comparisons of the race: what decides.</param>
public sealed record RaceComparison(int Pairs, ConfidenceInterval? Difference, string Test, double PValue, double AdjustedPValue)
{
    /// <summary>Student's paired t-test.</summary>
    public const string TTest = "paired t-test";

    /// <summary>Wilcoxon's signed-rank test.</summary>
    public const string SignedRank = "signed-rank test";

    /// <summary>The level below which a difference counts.</summary>
    public const double Level = 0.05;

    /// <summary>Whether it is worse than the best one by more than chance explains.</summary>
    public bool IsWorse => AdjustedPValue < Level;
}
