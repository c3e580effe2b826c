using Descent.Journal;
using Descent.Tests;
using Npgsql;

namespace Descent.Tuning.Tests.Golden;

/// <summary>Journals of every released version stay readable, and studies in them go on. tools/RecordJournal wrote them; they are never edited.</summary>
public sealed class GoldenJournalTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Golden", "journal");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Versions => [.. Directory.GetFiles(Folder, "*.txt").Select(static file => Path.GetFileNameWithoutExtension(file))];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Sqlite_OfAReleasedVersion_StaysReadable(string version)
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(Folder, $"{version}.db"), folder.Path("journal.db"));
        await CheckAsync(version, folder.Path("journal.db"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Postgres_OfAReleasedVersion_StaysReadable(string version)
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        await using PostgresServer server = await PostgresServer.StartAsync(Cancellation);
        await using (NpgsqlDataSource source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder { Host = server.Host, Username = PostgresServer.User, Database = "postgres" }))
        {
            await using NpgsqlCommand restore = source.CreateCommand(await File.ReadAllTextAsync(Path.Combine(Folder, $"{version}.sql"), Cancellation));
            await restore.ExecuteNonQueryAsync(Cancellation);
        }

        await CheckAsync(version, server.Url());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Golden_HoldsEveryKindOfEvent(string version)
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(Folder, $"{version}.db"), folder.Path("journal.db"));
        await using IJournal journal = await JournalCatalog.OpenAsync(folder.Path("journal.db"), cancellation: Cancellation);
        Assert.Equal(
            ["study.created", "trial.claimed", "trial.created", "trial.finished", "trial.noted", "trial.released", "trial.renewed", "trial.reported", "worker.joined"],
            (await journal.ReadAsync(0, cancellation: Cancellation)).Select(static read => read.Kind).Distinct().Order(StringComparer.Ordinal));
    }

    private static async Task CheckAsync(string version, string url)
    {
        await using Study study = await Study.OpenAsync(url, "golden ä", new StudyOptions(), Cancellation);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Folder, $"{version}.txt"), Cancellation), await StudySummary.OfAsync(study, Cancellation));

        // The one left running was orphaned long ago.
        Trial? orphan = await study.AskAsync(Cancellation);
        Assert.Equal((7, 3), (orphan?.Number, orphan?.Attempt));
        await study.TellAsync(orphan!, TrialResult.Complete(0, 0), Cancellation);
        Assert.Equal(7, (await study.BestAsync(Cancellation))?.Number);
        Assert.Equal(8, (await study.AskAsync(Cancellation))?.Number);
    }
}
