using System.Diagnostics;
using System.Globalization;
using System.Text;
using Descent.Tests;

namespace Descent.Journal.Tests;

/// <summary>Processes killed in the midst of appending leave whole batches, and all of those they were told of.</summary>
public sealed class KilledAppenderTests(PostgresFixture postgres)
{
    private const int Writers = 3;
    private const int Rounds = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sqlite_AfterKills_HoldsWholeBatches()
    {
        using TemporaryFolder folder = new();
        await CheckAsync(folder.Path("journal.db"));
    }

    [Fact]
    public async Task Postgres_AfterKills_HoldsWholeBatches() => await CheckAsync(await postgres.NewDatabaseAsync(Cancellation));

    private static async Task CheckAsync(string url)
    {
        Random random = new(1);
        HashSet<(int Writer, int Batch)> told = [];
        for (int round = 0; round < Rounds; round++)
        {
            int first = round * Writers;
            Process[] writers = [.. Enumerable.Range(first, Writers).Select(writer => SoakProgram.Start("append", url, writer.ToString(CultureInfo.InvariantCulture)))];
            // Each has appended something before it dies.
            string?[] firsts = await Task.WhenAll(writers.Select(writer => writer.StandardOutput.ReadLineAsync(Cancellation).AsTask()));
            Assert.All(firsts, static line => Assert.Equal("0", line));
            for (int i = 0; i < Writers; i++)
            {
                await Task.Delay(random.Next(100), Cancellation);
                writers[i].Kill();
                string rest = await writers[i].StandardOutput.ReadToEndAsync(Cancellation);
                await writers[i].WaitForExitAsync(Cancellation);
                writers[i].Dispose();
                // The last line may be cut short.
                told.UnionWith($"0\n{rest}"[..(rest.LastIndexOf('\n') + 3)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => (first + i, int.Parse(line, CultureInfo.InvariantCulture))));
            }
        }

        await using IJournal journal = await JournalCatalog.OpenAsync(url, cancellation: Cancellation);
        IReadOnlyList<JournalEvent> events = await journal.ReadAsync(0, limit: int.MaxValue, cancellation: Cancellation);
        HashSet<(int, int)> found = [];
        for (int start = 0; start < events.Count;)
        {
            (int writer, int batch, int index, int size) = Parse(events[start]);
            Assert.Equal(0, index);
            Assert.Equal(Enumerable.Range(0, size).Select(i => (writer, batch, i, size)), Enumerable.Range(start, Math.Min(size, events.Count - start)).Select(i => Parse(events[i])));
            Assert.True(found.Add((writer, batch)), $"Batch {batch} of writer {writer} is there twice.");
            start += size;
        }

        Assert.True(told.Count > Rounds * Writers, "The writers were killed before they had appended anything worth losing.");
        Assert.Superset(told, found);
        // At most the one batch under way was appended without its writer knowing.
        Assert.True(found.Count <= told.Count + (Rounds * Writers));
    }

    private static (int Writer, int Batch, int Index, int Size) Parse(JournalEvent read)
    {
        int[] numbers = [.. Encoding.UTF8.GetString(read.Data.Span).Trim('[', ']').Split(',').Select(static part => int.Parse(part, CultureInfo.InvariantCulture))];
        return (numbers[0], numbers[1], numbers[2], numbers[3]);
    }
}
