namespace Descent.Tuning.Races;

/// <summary>What a race recommends, and how sure it is.</summary>
/// <param name="Best">The contender with the best mean; none: no run ended well.</param>
/// <param name="RunnerUp">The next one; none: there is none.</param>
/// <param name="Alike">The others that the test can't tell from the best one.</param>
/// <param name="IsSure">Whether the best one is better than every other, by more than chance explains.</param>
/// <param name="Sentence">The recommendation in one sentence.</param>
public sealed record RaceVerdict(string? Best, string? RunnerUp, IReadOnlyList<string> Alike, bool IsSure, string Sentence);
