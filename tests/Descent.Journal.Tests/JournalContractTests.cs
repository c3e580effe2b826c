using Descent.Testing;

namespace Descent.Journal.Tests;

/// <summary>Every journal keeps the contract.</summary>
public sealed class JournalContractTests(PostgresFixture postgres)
{
    public static TheoryData<string> Checks => [.. JournalContract.Names];

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task Memory_KeepsTheContract(string check)
    {
        await using MemoryJournal journal = new();
        await JournalContract.CheckAsync(check, _ => new(journal), TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task Sqlite_KeepsTheContract(string check)
    {
        using TemporaryFolder folder = new();
        await JournalContract.CheckAsync(check, token => JournalCatalog.OpenAsync(folder.Path("journal.db"), null, token), TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task Postgres_KeepsTheContract(string check)
    {
        string url = await postgres.NewDatabaseAsync(TestContext.Current.CancellationToken);
        await JournalContract.CheckAsync(check, token => JournalCatalog.OpenAsync(url, null, token), TestContext.Current.CancellationToken);
    }
}
