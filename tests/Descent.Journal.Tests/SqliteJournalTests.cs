using Microsoft.Data.Sqlite;

namespace Descent.Journal.Tests;

/// <summary>Files that are no journals, or none that can be used.</summary>
public sealed class SqliteJournalTests
{
    private static readonly NewEvent Some = new("s", "k", 1, "{}");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_OfAnotherProgramsDatabase_SaysSoAndLeavesItAlone()
    {
        using TemporaryFolder folder = new();
        Execute(folder.Path("other.db"), "CREATE TABLE things(name TEXT)");
        Assert.Equal(
            $"{folder.Path("other.db")} is an SQLite file of another program, not a journal. Name another file.",
            await FaultAsync(folder.Path("other.db")));
        Execute(folder.Path("other.db"), "INSERT INTO things VALUES ('still here')");
    }

    [Fact]
    public async Task Open_OfAnotherFile_SaysSo()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder.Path("notes.txt"), new string('x', 5000), Cancellation);
        Assert.Equal($"{folder.Path("notes.txt")} is no SQLite file. Name another file.", await FaultAsync(folder.Path("notes.txt")));
        Assert.StartsWith($"{folder.Path("notes.txt")}{Path.DirectorySeparatorChar}journal.db can't be opened: ", await FaultAsync(Path.Combine(folder.Path("notes.txt"), "journal.db")), StringComparison.Ordinal);
        Assert.StartsWith($"{folder.Path(".").TrimEnd('.').TrimEnd('/')} can't be opened. Check that its folder", await FaultAsync(folder.Path(".").TrimEnd('.').TrimEnd('/')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OfANewerFormat_SaysSo()
    {
        using TemporaryFolder folder = new();
        await using (await JournalCatalog.OpenAsync(folder.Path("journal.db"), cancellation: Cancellation))
        {
        }

        Execute(folder.Path("journal.db"), "PRAGMA user_version = 2");
        Assert.Equal(
            $"{folder.Path("journal.db")} is a journal of format 2; this version of Descent reads formats up to 1. Use a newer version.",
            await FaultAsync(folder.Path("journal.db")));
    }

    [Fact]
    public async Task Open_InAFolderThatIsNotThere_MakesIt()
    {
        using TemporaryFolder folder = new();
        await using IJournal journal = await JournalCatalog.OpenAsync($"sqlite:{folder.Path("a/b/journal.db")}", cancellation: Cancellation);
        await journal.AppendAsync([Some], Cancellation);
        Assert.True(File.Exists(folder.Path("a/b/journal.db")));
    }

    [Fact]
    public async Task Append_WhileAnotherProcessWrites_WaitsItsTurn_AndCanBeCancelled()
    {
        using TemporaryFolder folder = new();
        await using IJournal journal = await JournalCatalog.OpenAsync(folder.Path("journal.db"), cancellation: Cancellation);
        using SqliteConnection other = new(new SqliteConnectionStringBuilder { DataSource = folder.Path("journal.db"), Pooling = false }.ToString());
        other.Open();
        Execute(other, "BEGIN IMMEDIATE");
        Task<AppendReceipt> append = Task.Run(() => journal.AppendAsync([Some], Cancellation).AsTask(), Cancellation);
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => journal.AppendAsync([Some], soon.Token).AsTask(), Cancellation));
        Assert.Empty(await journal.ReadAsync(0, cancellation: Cancellation));
        Assert.False(append.IsCompleted);
        Execute(other, "ROLLBACK");
        Assert.Equal(1, (await append).First);
        Assert.Single(await journal.ReadAsync(0, cancellation: Cancellation));
    }

    [Fact]
    public async Task Append_ThatFailsInItsMidst_LeavesNothingAndTheJournalUsable()
    {
        using TemporaryFolder folder = new();
        await using (IJournal journal = await JournalCatalog.OpenAsync(folder.Path("journal.db"), cancellation: Cancellation))
        {
            await journal.AppendAsync([Some], Cancellation);
        }

        Execute(folder.Path("journal.db"), "CREATE TRIGGER refuse BEFORE INSERT ON events WHEN NEW.kind = 'refused' BEGIN SELECT RAISE(ROLLBACK, 'no room'); END");
        await using IJournal again = await JournalCatalog.OpenAsync(folder.Path("journal.db"), cancellation: Cancellation);
        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await again.AppendAsync([Some, Some with { Kind = "refused" }], Cancellation));
        Assert.Contains("no room", fault.Message, StringComparison.Ordinal);
        Assert.Single(await again.ReadAsync(0, cancellation: Cancellation));
        Assert.Equal(2, (await again.AppendAsync([Some], Cancellation)).First);
    }

    private static async Task<string> FaultAsync(string path) =>
        (await Assert.ThrowsAsync<JournalException>(async () => await JournalCatalog.OpenAsync(path, cancellation: Cancellation))).Message;

    private static void Execute(string path, string sql)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, sql);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
