// Records tests/Golden/journal/v1.1.db, v1.1.sql (the same for PostgreSQL) and v1.1.txt (what they say): a study with every kind of event. Once a version is released,
// its files are never recorded again: they show that what users have stays readable. 1.1 is 1 with names of objectives, which readers of 1 pass over.
//   dotnet run -c Release --project tools/RecordJournal tests/Golden/journal
using System.Globalization;
using System.Text;
using Descent.Journal;
using Descent.Tools.RecordJournal;
using Descent.Tuning;
using Descent.Tuning.Pruners;
using Descent.Tuning.Tests.Golden;

string folder = args is [var given] ? given : throw new ArgumentException("Give the folder to write to.");
const string Version = "v1.1";
string file = Path.Combine(folder, $"{Version}.db");
File.Delete(file);
ManualClock clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
await using (IJournal journal = await JournalCatalog.OpenAsync(file, clock))
{
    SearchSpace space = new SearchSpace(
        Parameter.Choice("optimizer.kind", "adamw", "lion", "two words"),
        Parameter.Log("optimizer.learning_rate", 1e-5, 1e-1),
        Parameter.Uniform("optimizer.beta2", 0.9, 0.999).When("optimizer.kind == adamw"),
        Parameter.Step("dropout", 0, 0.5, 0.1),
        Parameter.Integer("width", 8, 64, 8),
        Parameter.IntegerLog("batch", 1, 1024),
        Parameter.Ordinal("context", 64, 128.0, "long"),
        Parameter.Choice("fast", true, false))
        .Where("width * batch <= 32768");
    StudyOptions options = new()
    {
        Space = space,
        Directions = [Direction.Minimize, Direction.Maximize],
        Objectives = ["loss", "accuracy ä"],
        Seed = 42,
        Clock = clock,
        MaximumLosses = 1,
        Sampler = new TaggingSampler(),
        Pruner = new MedianPruner { MinimumTrials = 1 },
    };
    await using Study study = await Study.OpenAsync(journal, "golden ä", options with { Worker = "first:1" });
    await using Study second = await Study.OpenAsync(journal, "golden ä", options with { Worker = "second:2" });
    await study.EnqueueAsync(study.Space.FromUnit([0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.2]));

    Trial complete = await AskAsync(study);
    for (int step = 1; step <= 3; step++)
    {
        clock.Pass(TimeSpan.FromSeconds(10));
        await complete.ReportAsync(step, 1.0 / step);
    }

    await complete.NoteAsync("run", "runs/ä");
    await study.TellAsync(complete, TrialResult.Complete(0.25, 12));

    Trial pruned = await AskAsync(second);
    await pruned.ReportAsync(1, 0.9);
    await pruned.ReportAsync(2, double.NaN);
    await pruned.ReportAsync(3, 5);
    await second.TellAsync(pruned, TrialResult.Pruned());

    await study.TellAsync(await AskAsync(study), TrialResult.Failed("diverged at step 7"));
    await study.TellAsync(await AskAsync(study), TrialResult.Complete(0.125, double.PositiveInfinity).WithViolation(3.5));

    await study.ReleaseAsync(await AskAsync(study), "IOException: once more", failure: true, CancellationToken.None);
    await second.TellAsync(await AskAsync(second), TrialResult.Complete(0.5, -1));

    // Lost with its worker, and given up.
    Trial lost = await AskAsync(study);
    clock.Pass(TimeSpan.FromMinutes(2));
    Trial later = await AskAsync(second);
    await second.TellAsync(later, TrialResult.Complete(0.375, 2));
    await study.TellAsync(lost, 1.0).AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);

    await study.ReleaseAsync(await AskAsync(study), "its worker was stopped");
    Trial running = await AskAsync(second);
    clock.Pass(TimeSpan.FromSeconds(30));
    await journal.AppendAsync([new StudyEvents("study/golden ä").TrialRenewed(running.Number, running.Token)]);
    await File.WriteAllTextAsync(Path.Combine(folder, $"{Version}.txt"), await StudySummary.OfAsync(study, CancellationToken.None));

    StringBuilder sql = new(
        """
        CREATE TABLE descent_journal_format(version int NOT NULL);
        INSERT INTO descent_journal_format VALUES (1);
        CREATE TABLE descent_journal(
            position bigint PRIMARY KEY,
            time timestamptz NOT NULL,
            stream text NOT NULL,
            kind text NOT NULL,
            version int NOT NULL,
            data json NOT NULL,
            batch uuid UNIQUE
        );
        CREATE INDEX descent_journal_stream ON descent_journal(stream, position);

        """);
    foreach (JournalEvent written in await journal.ReadAsync(0))
    {
        sql.Append(CultureInfo.InvariantCulture, $"INSERT INTO descent_journal VALUES ({written.Position}, '{written.Time:yyyy-MM-ddTHH:mm:ss.ffffff}Z', {Quoted(written.Stream)}, '{written.Kind}', {written.Version}, {Quoted(Encoding.UTF8.GetString(written.Data.Span))}, '00000000-0000-0000-0000-{written.Position:D12}');\n");
    }

    await File.WriteAllTextAsync(Path.Combine(folder, $"{Version}.sql"), sql.ToString());
}

async ValueTask<Trial> AskAsync(Study study)
{
    clock.Pass(TimeSpan.FromSeconds(1.5));
    return (await study.AskAsync())!;
}

static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
