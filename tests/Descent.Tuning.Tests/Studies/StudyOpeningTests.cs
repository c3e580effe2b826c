using Descent.Journal;

namespace Descent.Tuning.Tests.Studies;

/// <summary>Opening studies that are there, that aren't, and that others made.</summary>
public sealed class StudyOpeningTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_WithoutASpace_TakesTheOneThatIsThere()
    {
        await using MemoryJournal journal = new();
        await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space, Directions = [Direction.Maximize], Seed = 4 });
        await using Study study = await Study.OpenAsync(journal, "test", new StudyOptions(), Cancellation);
        Assert.Equal(Quadratic.Space, study.Space);
        Assert.Equal([Direction.Maximize], study.Directions);
        Assert.Single(await journal.ReadAsync(0, cancellation: Cancellation));
    }

    [Fact]
    public async Task Open_OfAnotherStudy_SaysWhatDiffers()
    {
        await using MemoryJournal journal = new();
        Assert.Equal(
            "There is no study 'test' in the journal, and none can be made without a search space. Give one, or name another study.",
            await FaultAsync(journal, new StudyOptions()));
        await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space });
        Assert.Equal(
            "The study 'test' searches n = int(0,3), where n = int(0,4) is wanted. Open it as it was made, or give the new study another name.",
            await FaultAsync(journal, new StudyOptions { Space = new SearchSpace(Parameter.Uniform("x", -1, 1), Parameter.Integer("n", 0, 4)) }));
        Assert.Equal(
            "The study 'test' searches less, where where n < 2 is wanted. Open it as it was made, or give the new study another name.",
            await FaultAsync(journal, new StudyOptions { Space = Quadratic.Space.Where("n < 2") }));
        Assert.Equal(
            "The study 'test' has the directions Minimize, where Maximize is wanted. Open it as it was made, or give the new study another name.",
            await FaultAsync(journal, new StudyOptions { Directions = [Direction.Maximize] }));
        Assert.Equal(
            "The study 'test' has the seed 0, where 1 is wanted. Open it as it was made, or give the new study another name.",
            await FaultAsync(journal, new StudyOptions { Seed = 1 }));
    }

    [Fact]
    public async Task Open_OfAStudyWithNames_HasThem()
    {
        await using MemoryJournal journal = new();
        StudyOptions named = new() { Space = Quadratic.Space, Directions = [Direction.Minimize, Direction.Maximize], Objectives = ["loss", "accuracy"] };
        Assert.Equal(
            "The study 'test' has 2 objectives, for which the names given are loss. Give a name for each.",
            await FaultAsync(journal, named with { Objectives = ["loss"] }));
        Assert.Empty(await journal.ReadAsync(0, cancellation: Cancellation));
        await OpenAsync(journal, named);
        await using Study study = await Study.OpenAsync(journal, "test", new StudyOptions(), Cancellation);
        Assert.Equal(["loss", "accuracy"], study.Objectives);
        Assert.Equal(
            "The study 'test' has the objectives loss, accuracy, where loss, r2 is wanted. Open it as it was made, or give the new study another name.",
            await FaultAsync(journal, new StudyOptions { Objectives = ["loss", "r2"] }));
        Assert.Throws<ArgumentException>(static () => new StudyOptions { Objectives = ["loss", "loss"] });
        Assert.Throws<ArgumentException>(static () => new StudyOptions { Objectives = [" "] });
        Assert.Throws<ArgumentException>(static () => new StudyOptions { Objectives = [] });
    }

    [Fact]
    public async Task Open_OfAStudyWithoutNames_TakesThemFromWhoOpensIt()
    {
        await using MemoryJournal journal = new();
        await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space });
        await using Study named = await Study.OpenAsync(journal, "test", new StudyOptions { Objectives = ["loss"] }, Cancellation);
        await using Study unnamed = await Study.OpenAsync(journal, "test", new StudyOptions(), Cancellation);
        Assert.Equal(["loss"], named.Objectives);
        Assert.Empty(unnamed.Objectives);
    }

    [Fact]
    public async Task Open_ByTwoAtOnce_MakesOneStudy()
    {
        await using MemoryJournal journal = new();
        Study[] studies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            await Study.OpenAsync(journal, "test", new StudyOptions { Space = Quadratic.Space }, Cancellation))));
        Assert.All(studies, static study => Assert.Equal(Quadratic.Space, study.Space));
        await using Study other = await Study.OpenAsync(journal, "other", new StudyOptions { Space = new SearchSpace(Parameter.Uniform("y", 0, 1)) }, Cancellation);
        await other.OptimizeAsync(static trial => trial.Configuration.Number("y"), 3, Cancellation);
        await studies[0].OptimizeAsync(Quadratic.Value, 2, Cancellation);
        Assert.Equal(2, await studies[7].ViewAsync(static history => history.Finished.Count, Cancellation));
    }

    [Theory]
    [InlineData("trial.created", 2, "{}", "study/test holds an event 'trial.created' of version 2 at 2, which this version of Descent does not know. Use a newer version.")]
    [InlineData("trial.paused", 1, "{}", "study/test holds an event 'trial.paused' of version 1 at 2, which this version of Descent does not know. Use a newer version.")]
    [InlineData("trial.created", 1, """{"trial":0,"configuration":{"x":0.5,"n":7}}""", "study/test: the event 'trial.created' at 2 can't be read: n is 7 (Integer); allowed: int(0,3). (Parameter 'value')")]
    [InlineData("trial.created", 1, """{"trial":0,"configuration":{"n":1,"x":0.5}}""", "study/test: the event 'trial.created' at 2 can't be read: the space has no parameter 'x' in this place")]
    public async Task Open_OfAJournalThatCannotBeRead_SaysWhere(string kind, int version, string json, string message)
    {
        await using MemoryJournal journal = new();
        await OpenAsync(journal, new StudyOptions { Space = Quadratic.Space });
        await journal.AppendAsync([new NewEvent("study/test", kind, version, json)], Cancellation);
        Assert.Equal(message, await FaultAsync(journal, new StudyOptions()));
    }

    private static async Task OpenAsync(IJournal journal, StudyOptions options)
    {
        await using Study study = await Study.OpenAsync(journal, "test", options, Cancellation);
    }

    private static async Task<string> FaultAsync(IJournal journal, StudyOptions options) =>
        (await Assert.ThrowsAsync<StudyException>(() => OpenAsync(journal, options))).Message;
}
