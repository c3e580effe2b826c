using Descent.Tests;
using Npgsql;

namespace Descent.Journal.Tests;

/// <summary>A server that goes away, comes back, or refuses.</summary>
public sealed class PostgresJournalTests(PostgresFixture postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Append_WhileTheServerRestarts_IsDoneOnce()
    {
        await using PostgresServer server = await OwnServerAsync();
        await using IJournal journal = await JournalCatalog.OpenAsync(server.Url(), cancellation: Cancellation);
        const int Batches = 300;
        Task appending = Task.Run(
            async () =>
            {
                for (int batch = 0; batch < Batches; batch++)
                {
                    await journal.AppendAsync([new("s", "k", 1, $"{batch}"), new("s", "k", 1, $"{batch}")], Cancellation);
                    await Task.Delay(2, Cancellation);
                }
            },
            Cancellation);
        for (int restart = 0; restart < 2; restart++)
        {
            await server.StopAsync(crash: restart == 1, Cancellation);
            await server.ResumeAsync(Cancellation);
        }

        await appending;
        IReadOnlyList<JournalEvent> events = await journal.ReadAsync(0, cancellation: Cancellation);
        Assert.Equal(
            Enumerable.Range(0, 2 * Batches).Select(static i => $"{i / 2}"),
            events.Select(static read => System.Text.Encoding.UTF8.GetString(read.Data.Span)));
    }

    [Fact]
    public async Task Append_WhoseAnswerIsLost_IsDoneOnce()
    {
        string url = await postgres.NewDatabaseAsync(Cancellation);
        await using AnswerThief thief = new(PostgresUrl.Parse(url));
        await using IJournal journal = await JournalCatalog.OpenAsync(thief.Url, cancellation: Cancellation);
        await journal.AppendAsync([new("s", "k", 1, "0")], Cancellation);
        thief.StealNextAnswer("\"stolen\"");
        AppendReceipt receipt = await journal.AppendAsync([new("s", "k", 1, "\"stolen\""), new("s", "k", 1, "2")], Cancellation);
        Assert.Equal(1, thief.Stolen);
        Assert.Equal((2, 3), (receipt.First, receipt.Last));
        Assert.Equal([1, 2, 3], (await journal.ReadAsync(0, cancellation: Cancellation)).Select(static read => read.Position));
    }

    [Fact]
    public async Task Clock_IsTheServers()
    {
        string url = await postgres.NewDatabaseAsync(Cancellation);
        await using IJournal journal = await JournalCatalog.OpenAsync(url, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(), Cancellation);
        AppendReceipt receipt = await journal.AppendAsync([new("s", "k", 1, "0")], Cancellation);
        Assert.InRange(receipt.Time, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task Open_OfADatabaseThatIsNotThere_SaysSo()
    {
        string url = postgres.Server.Url("nowhere");
        JournalException fault = await FaultAsync(url);
        Assert.Equal($"{Shown(url)}: database \"nowhere\" does not exist. Create it (createdb), or name another in the URL.", fault.Message);
    }

    [Fact]
    public async Task Open_OfANewerFormat_SaysSo()
    {
        string url = await postgres.NewDatabaseAsync(Cancellation);
        await using (await JournalCatalog.OpenAsync(url, cancellation: Cancellation))
        {
        }

        await ExecuteAsync(url, "UPDATE descent_journal_format SET version = 2");
        Assert.Equal(
            $"{Shown(url)} holds a journal of format 2; this version of Descent reads formats up to 1. Use a newer version.",
            (await FaultAsync(url)).Message);
    }

    [Fact]
    public async Task Open_WithoutRights_SaysWhich()
    {
        string url = await postgres.NewDatabaseAsync(Cancellation);
        await ExecuteAsync(url, "CREATE ROLE reader LOGIN");
        string readers = url.Replace("descent@", "reader@", StringComparison.Ordinal);
        Assert.Equal(
            $"{Shown(url)}: permission denied for schema public. The user needs the rights to create and write the tables descent_journal and descent_journal_format.",
            (await FaultAsync(readers)).Message);
        await using (await JournalCatalog.OpenAsync(url, cancellation: Cancellation))
        {
        }

        // Who may only read and append needs no right to create.
        await ExecuteAsync(url, "GRANT SELECT ON descent_journal_format TO reader; GRANT SELECT, INSERT ON descent_journal TO reader");
        await using IJournal journal = await JournalCatalog.OpenAsync(readers, cancellation: Cancellation);
        Assert.Equal(1, (await journal.AppendAsync([new("s", "k", 1, "0")], Cancellation)).First);
    }

    private static async Task<PostgresServer> OwnServerAsync()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        return await PostgresServer.StartAsync(Cancellation);
    }

    private static async Task<JournalException> FaultAsync(string url) =>
        await Assert.ThrowsAsync<JournalException>(async () => await JournalCatalog.OpenAsync(url, cancellation: Cancellation));

    private static string Shown(string url) => PostgresUrl.Shown(PostgresUrl.Parse(url));

    private static async Task ExecuteAsync(string url, string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(PostgresUrl.Parse(url));
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
