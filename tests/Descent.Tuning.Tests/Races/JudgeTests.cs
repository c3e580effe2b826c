using Descent.Tuning.Races;
using Descent.Tuning.Statistics;

namespace Descent.Tuning.Tests.Races;

/// <summary>How often a recommendation is sure of what isn't so.</summary>
public sealed class JudgeTests
{
    private const int Seeds = 5;

    // 2,000 repetitions: three standard deviations of a share of 5 % are 1.5 %.
    private const int Repetitions = 2000;

    [Theory]
    [InlineData(2, 0)] // two equal ones
    [InlineData(5, 0)] // five equal ones
    [InlineData(5, 3)] // two equal ones, and three that are far behind
    public void Recommend_OfEquals_IsRarelySure(int contenders, int behind) =>
        Assert.InRange(SureShare(number => number >= contenders - behind ? 50 : 0, contenders), 0, 0.065);

    [Fact]
    public void Recommend_OfALargeDifference_IsMostlySure() => Assert.InRange(SureShare(static number => number == 0 ? 0 : 5, 4), 0.95, 1);

    private static double SureShare(Func<int, double> worse, int contenders)
    {
        int sure = 0;
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            CounterRandom random = new(repetition);
            RaceEntry[] entries = [.. Enumerable.Range(0, contenders).Select(number => Entry($"c{number}", [.. Enumerable.Range(0, Seeds).Select(_ => worse(number) + random.NextNormal())]))];
            RaceVerdict verdict = Judge.Recommend(Judge.Rank(entries, Direction.Minimize));
            sure += verdict.IsSure ? 1 : 0;
        }

        return sure / (double)Repetitions;
    }

    private static RaceEntry Entry(string name, double[] ends) => new()
    {
        Name = name,
        Settings = Configuration.Empty,
        Runs = [.. ends.Select(static (end, seed) => new RaceSeed(seed, end, null, [], null, TimeSpan.Zero, new Dictionary<string, string>()))],
        Final = ConfidenceInterval.OfMean(ends),
    };
}
