using Descent.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Descent.Tuning.Tests.Studies;

/// <summary>What a trial's folder holds when it changes hands.</summary>
public sealed class TrialFolderTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Folder_GoesOverToTheNextHolder_AndOutOfReachOfTheLast()
    {
        using TemporaryFolder folder = new();
        await using MemoryJournal journal = new(_time);
        await using Study suspended = await OpenAsync(journal, folder, new FakeTimeProvider());
        Trial first = (await suspended.AskAsync(Cancellation))!;
        await File.WriteAllTextAsync(Path.Combine(first.Folder!, "checkpoint"), "step 7", Cancellation);

        _time.Advance(TimeSpan.FromMinutes(1));
        await using Study other = await OpenAsync(journal, folder, _time);
        Trial second = (await other.AskAsync(Cancellation))!;
        Assert.Equal("step 7", await File.ReadAllTextAsync(Path.Combine(second.Folder!, "checkpoint"), Cancellation));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => File.WriteAllTextAsync(Path.Combine(first.Folder!, "checkpoint"), "step 8", Cancellation));

        // One that makes its folder anew harms nobody, and is swept away by the next holder.
        Directory.CreateDirectory(first.Folder!);
        await File.WriteAllTextAsync(Path.Combine(first.Folder!, "checkpoint"), "step 8", Cancellation);
        await other.ReleaseAsync(second, "enough", Cancellation);
        Trial third = (await other.AskAsync(Cancellation))!;
        Assert.Equal("step 7", await File.ReadAllTextAsync(Path.Combine(third.Folder!, "checkpoint"), Cancellation));
        Assert.Equal([third.Folder!], Directory.GetDirectories(Path.GetDirectoryName(third.Folder)!));
    }

    [Fact]
    public async Task ParentFolder_IsTheLastOneOfTheParent()
    {
        using TemporaryFolder folder = new();
        await using MemoryJournal journal = new(_time);
        await using Study study = await Study.OpenAsync(
            journal, "test", new StudyOptions { Space = Quadratic.Space, Folder = folder.FullName, Sampler = new Children() }, Cancellation);
        Trial parent = (await study.AskAsync(Cancellation))!;
        await File.WriteAllTextAsync(Path.Combine(parent.Folder!, "checkpoint"), "weights", Cancellation);
        await study.ReleaseAsync(parent, "enough", Cancellation);
        Trial again = (await study.AskAsync(Cancellation))!;
        await study.TellAsync(again, 1.0, Cancellation);
        Trial child = (await study.AskAsync(Cancellation))!;
        Assert.Equal((1, 0), (child.Number, child.Parent));
        Assert.Equal(again.Folder, child.ParentFolder);
        Assert.Empty(Directory.GetFiles(child.Folder!));
        Assert.Null(again.ParentFolder);
    }

    [Fact]
    public async Task Ask_WithAFolderThatCannotBeMade_SaysSo()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder.Path("file"), "", Cancellation);
        await using MemoryJournal journal = new(_time);
        await using Study study = await Study.OpenAsync(journal, "test", new StudyOptions { Space = Quadratic.Space, Folder = folder.Path("file") }, Cancellation);
        StudyException fault = await Assert.ThrowsAsync<StudyException>(async () => await study.AskAsync(Cancellation));
        Assert.StartsWith($"The folder of trial 0 in {folder.Path("file")} can't be made or taken over: ", fault.Message, StringComparison.Ordinal);
    }

    private static async Task<Study> OpenAsync(IJournal journal, TemporaryFolder folder, TimeProvider clock) =>
        await Study.OpenAsync(journal, "test", new StudyOptions { Space = Quadratic.Space, Folder = folder.FullName, Clock = clock }, Cancellation);

    private sealed class Children : ISampler
    {
        public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random) =>
            new(space.FromUnit([0.5, 0.5])) { Parent = history.Trials.Count == 0 ? null : 0 };
    }
}
