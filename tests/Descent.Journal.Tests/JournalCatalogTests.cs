using Npgsql;

namespace Descent.Journal.Tests;

/// <summary>URLs, and what is said of wrong ones.</summary>
public sealed class JournalCatalogTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_OfAForm_GivesItsJournal()
    {
        using TemporaryFolder folder = new();
        await using IJournal memory = await JournalCatalog.OpenAsync("memory:", cancellation: Cancellation);
        await using IJournal file = await JournalCatalog.OpenAsync(folder.Path("a.db"), cancellation: Cancellation);
        await using IJournal named = await JournalCatalog.OpenAsync($"SQLite:{folder.Path("a.db")}", cancellation: Cancellation);
        Assert.IsType<MemoryJournal>(memory);
        Assert.IsType<SqliteJournal>(file);
        Assert.IsType<SqliteJournal>(named);
    }

    [Theory]
    [InlineData("", "The journal's URL is empty; allowed: memory:; sqlite:PATH, or a path alone; postgres://user@host/database; postgresql://user@host/database.")]
    [InlineData("mysql://root:secret@host/db", "There are no journals at 'mysql://…'; allowed: memory:; sqlite:PATH, or a path alone; postgres://user@host/database; postgresql://user@host/database.")]
    [InlineData("sqlite:", "The journal's URL 'sqlite:' names no file; allowed: sqlite:PATH.")]
    [InlineData("postgres://u:secret@h:99999/db", "The journal's postgres:// URL can't be used: its port is 99999; allowed: postgres://user:password@host:5432/database?sslmode=require.")]
    [InlineData("postgres://u:secret@h/db?colour=red", "The journal's postgres:// URL can't be used: its setting 'colour' is none, or has a wrong value; allowed: postgres://user:password@host:5432/database?sslmode=require.")]
    [InlineData("postgres://u:secret@h/db?sslmode=perhaps", "The journal's postgres:// URL can't be used: its setting 'sslmode' is none, or has a wrong value; allowed: postgres://user:password@host:5432/database?sslmode=require.")]
    [InlineData("postgres://u@h@h/db", "The journal's postgres:// URL can't be used: it is no URL; allowed: postgres://user:password@host:5432/database?sslmode=require.")]
    public async Task Open_OfAWrongUrl_SaysWhatIsAllowed_AndNoPassword(string url, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<JournalException>(async () => await JournalCatalog.OpenAsync(url, cancellation: Cancellation))).Message);

    [Theory]
    [InlineData("postgres://ann:p%40ss%3A@db.example.org:6543/runs?sslmode=require", "db.example.org", 6543, "ann", "p@ss:", "runs")]
    [InlineData("postgresql://db.example.org", "db.example.org", 5432, null, null, null)]
    [InlineData("postgres://ann@/runs?host=/run/postgresql&port=6543", "/run/postgresql", 6543, "ann", null, "runs")]
    [InlineData("postgres:///runs", "localhost", 5432, null, null, "runs")]
    [InlineData("postgres://[::1]:6543/runs?user=ann", "[::1]", 6543, "ann", null, "runs")]
    public void PostgresUrl_OfAUrl_HasItsParts(string url, string host, int port, string? user, string? password, string? database)
    {
        NpgsqlConnectionStringBuilder settings = PostgresUrl.Parse(url);
        Assert.Equal((host, port, user, password, database), (settings.Host, settings.Port, settings.Username, settings.Password, settings.Database));
        Assert.DoesNotContain("p@ss", PostgresUrl.Shown(settings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OfAServerThatIsNotThere_SaysSo()
    {
        using TemporaryFolder folder = new();
        string url = $"postgres:///db?host={folder.Path("")}";
        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await JournalCatalog.OpenAsync(url, cancellation: Cancellation));
        Assert.StartsWith($"{PostgresUrl.Shown(PostgresUrl.Parse(url))} could not be reached for 5 s (", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("Check that the server runs and the URL names it.", fault.Message, StringComparison.Ordinal);
    }
}
