using System.Globalization;
using System.Text;
using Descent.Journal;

namespace Descent.Testing.Checks;

/// <summary>The store under test.</summary>
internal sealed class JournalSubject(Func<CancellationToken, ValueTask<IJournal>> open, CancellationToken cancellation)
{
    public CancellationToken Cancellation => cancellation;

    public ValueTask<IJournal> OpenAsync() => open(cancellation);

    public async Task<IReadOnlyList<JournalEvent>> AllAsync(IJournal journal, string? stream = null, int page = JournalEvent.Page)
    {
        List<JournalEvent> all = [];
        while (true)
        {
            IReadOnlyList<JournalEvent> read = await journal.ReadAsync(all.Count == 0 ? 0 : all[^1].Position, stream, page, cancellation).ConfigureAwait(false);
            all.AddRange(read);
            if (read.Count < page)
            {
                return all;
            }
        }
    }

    /// <summary>Batch <paramref name="batch"/> of a writer: <paramref name="size"/> events that say which they are.</summary>
    public static NewEvent[] Batch(int writer, int batch, int size) =>
    [
        .. Enumerable.Range(0, size).Select(i => new NewEvent(
            string.Create(CultureInfo.InvariantCulture, $"writer/{writer}"), "test.appended", 1, string.Create(CultureInfo.InvariantCulture, $"[{writer},{batch},{i},{size}]"))),
    ];

    /// <summary>Reads an event of <see cref="Batch"/> back.</summary>
    public static (int Writer, int Batch, int Index, int Size) Parse(JournalEvent read)
    {
        int[] numbers = [.. Encoding.UTF8.GetString(read.Data.Span).Trim('[', ']').Split(',').Select(static part => int.Parse(part, CultureInfo.InvariantCulture))];
        return (numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    /// <summary>Whether all batches among the events are whole, together and in each writer's order; gives those that are there.</summary>
    public static HashSet<(int Writer, int Batch)> WholeBatches(IReadOnlyList<JournalEvent> events)
    {
        HashSet<(int, int)> found = [];
        Dictionary<int, int> newest = [];
        for (int i = 0; i < events.Count;)
        {
            (int writer, int batch, _, int size) = Parse(events[i]);
            Require(found.Add((writer, batch)), $"Batch {batch} of writer {writer} is there twice.");
            Require(newest.GetValueOrDefault(writer, -1) < batch, $"Batch {batch} of writer {writer} stands behind batch {newest.GetValueOrDefault(writer)}, which was appended later.");
            newest[writer] = batch;
            for (int k = 0; k < size; k++, i++)
            {
                Require(
                    i < events.Count && Parse(events[i]) == (writer, batch, k, size),
                    $"Batch {batch} of writer {writer} has {size} events; in the place of its number {k} stands {(i < events.Count ? Parse(events[i]).ToString() : "nothing")}.");
            }
        }

        return found;
    }

    public static void Require(bool kept, string message)
    {
        if (!kept)
        {
            throw new ContractException(message);
        }
    }
}
