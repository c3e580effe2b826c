using Descent.Tuning.Statistics;

namespace Descent.Tuning.Races;

/// <summary>Whether a recommendation held with seeds that it was not made from.</summary>
/// <param name="Best">The recommended contender.</param>
/// <param name="RunnerUp">The next one.</param>
/// <param name="Seeds">The fresh seeds.</param>
/// <param name="Difference">By how much the runner-up is worse; none: a run failed.</param>
/// <param name="PValue">The two-sided p-value.</param>
/// <param name="Holds">
/// Whether it holds. A recommendation that was sure holds if the fresh seeds alone say the same at the level of 0.05; one among equals, if they don't say that the runner-up is better.
/// </param>
/// <param name="Sentence">That in one sentence.</param>
public sealed record RaceCheck(string Best, string RunnerUp, IReadOnlyList<long> Seeds, ConfidenceInterval? Difference, double PValue, bool Holds, string Sentence);
