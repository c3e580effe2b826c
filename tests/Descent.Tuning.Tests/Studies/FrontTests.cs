using Descent.Journal;

namespace Descent.Tuning.Tests.Studies;

/// <summary>The Pareto front of a study.</summary>
public sealed class FrontTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Front_HasWhatNoOtherDominates()
    {
        Assert.Equal("4 2 0 5", await FrontAsync(
            [Direction.Minimize, Direction.Maximize],
            TrialResult.Complete(3, 7),
            TrialResult.Complete(3, 6), // worse than 0 in one, equal in the other
            TrialResult.Complete(2, 5),
            TrialResult.Complete(2.5, 5), // worse than 2
            TrialResult.Complete(1, double.NegativeInfinity), // the best at the first
            TrialResult.Complete(3, 7), // equal to 0: neither dominates
            TrialResult.Failed("broken"),
            TrialResult.Pruned()));
    }

    [Fact]
    public async Task Front_LeavesOutWhatBreaksALimit_UnlessAllDo()
    {
        Assert.Equal("1", await FrontAsync([Direction.Minimize, Direction.Minimize], TrialResult.Complete(0, 0).WithViolation(1), TrialResult.Complete(2, 2)));
        Assert.Equal("0", await FrontAsync([Direction.Minimize, Direction.Minimize], TrialResult.Complete(0, 0).WithViolation(1), TrialResult.Complete(2, 2).WithViolation(2)));
    }

    [Fact]
    public async Task Front_OfOneObjective_IsTheBestAndItsEquals()
    {
        Assert.Equal("1 2", await FrontAsync([Direction.Maximize], 1.0, 2.0, 2.0, 0.5));
        Assert.Empty(await FrontAsync([Direction.Maximize]));
    }

    private static async Task<string> FrontAsync(IReadOnlyList<Direction> directions, params TrialResult[] results)
    {
        await using MemoryJournal journal = new();
        await using Study study = await Study.OpenAsync(journal, "test", new StudyOptions { Space = Quadratic.Space, Directions = directions }, Cancellation);
        foreach (TrialResult result in results)
        {
            await study.TellAsync((await study.AskAsync(Cancellation))!, result, Cancellation);
        }

        return string.Join(' ', (await study.FrontAsync(Cancellation)).Select(static trial => trial.Number));
    }
}
