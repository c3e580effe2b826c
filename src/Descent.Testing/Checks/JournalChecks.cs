using System.Text;
using Descent.Journal;
using static Descent.Testing.Checks.JournalSubject;

namespace Descent.Testing.Checks;

/// <summary>One user of a journal at a time.</summary>
internal static class JournalChecks
{
    public static async Task EventsComeBackAsTheyWere(JournalSubject subject)
    {
        NewEvent[] sent =
        [
            new("study/a", "trial.created", 1, "{}"),
            new("study/ä€𝄞 %_'\"\\", "trial.created", 2, """{"text":"ä€𝄞 \u0000 \"quoted\" \\","number":-1.5e-300,"list":[1,null,true]}"""),
            new("run/long", "big", 3, $"\"{new string('x', 1 << 20)}\""),
            new("run/spaces", "as it is", int.MaxValue, """{ "a" : 1.0 , "a" : 2 }"""),
        ];
        await using IJournal journal = await subject.OpenAsync().ConfigureAwait(false);
        await journal.AppendAsync(sent, subject.Cancellation).ConfigureAwait(false);
        IReadOnlyList<JournalEvent> read = await subject.AllAsync(journal).ConfigureAwait(false);
        Require(read.Count == sent.Length, $"{sent.Length} events were appended and {read.Count} read.");
        foreach ((NewEvent expected, JournalEvent actual) in sent.Zip(read))
        {
            Require(
                (expected.Stream, expected.Kind, expected.Version) == (actual.Stream, actual.Kind, actual.Version),
                $"Appended {expected.Stream}, {expected.Kind}, {expected.Version}; read {actual.Stream}, {actual.Kind}, {actual.Version}.");
            Require(
                expected.Data.Span.SequenceEqual(actual.Data.Span),
                $"Appended {Start(expected.Data)}; read {Start(actual.Data)}.");
        }
    }

    public static async Task ReadingGoesOnAfterAPosition(JournalSubject subject)
    {
        await using IJournal journal = await subject.OpenAsync().ConfigureAwait(false);
        Require((await journal.ReadAsync(0, cancellation: subject.Cancellation).ConfigureAwait(false)).Count == 0, "The journal isn't empty at first.");
        List<long> positions = [];
        for (int batch = 0; batch < 20; batch++)
        {
            AppendReceipt receipt = await journal.AppendAsync(Batch(0, batch, 1 + (batch % 3)), subject.Cancellation).ConfigureAwait(false);
            Require(receipt.Last - receipt.First == batch % 3, $"A batch of {1 + (batch % 3)} events lies from {receipt.First} to {receipt.Last}.");
            Require(receipt.First > (positions.Count == 0 ? 0 : positions[^1]), $"A batch begins at {receipt.First}, after {(positions.Count == 0 ? 0 : positions[^1])}.");
            positions.AddRange(Enumerable.Range(0, 1 + (batch % 3)).Select(i => receipt.First + i));
        }

        foreach (int page in (int[])[1, 3, 1000])
        {
            IReadOnlyList<JournalEvent> all = await subject.AllAsync(journal, page: page).ConfigureAwait(false);
            Require(all.Select(static read => read.Position).SequenceEqual(positions), $"Read in pages of {page}, the positions are other than the receipts said.");
        }

        long middle = positions[positions.Count / 2];
        IReadOnlyList<JournalEvent> rest = await journal.ReadAsync(middle, limit: 2, cancellation: subject.Cancellation).ConfigureAwait(false);
        Require(
            rest.Select(static read => read.Position).SequenceEqual(positions.Where(position => position > middle).Take(2)),
            $"The two events after {middle} are at {string.Join(", ", rest.Select(static read => read.Position))}.");
        Require((await journal.ReadAsync(positions[^1] + 1000, cancellation: subject.Cancellation).ConfigureAwait(false)).Count == 0, "There are events after the end.");
    }

    public static async Task StreamsAreApart(JournalSubject subject)
    {
        await using IJournal journal = await subject.OpenAsync().ConfigureAwait(false);
        for (int batch = 0; batch < 30; batch++)
        {
            await journal.AppendAsync(Batch(batch % 3, batch, 2), subject.Cancellation).ConfigureAwait(false);
        }

        for (int writer = 0; writer < 3; writer++)
        {
            IReadOnlyList<JournalEvent> read = await subject.AllAsync(journal, $"writer/{writer}", 7).ConfigureAwait(false);
            Require(read.Count == 20 && read.All(one => Parse(one).Writer == writer), $"Stream writer/{writer} holds {read.Count} events, or others' ones; 20 were appended.");
            _ = WholeBatches(read);
        }

        Require((await subject.AllAsync(journal, "writer/").ConfigureAwait(false)).Count == 0, "A stream's name is taken for a pattern.");
        Require((await subject.AllAsync(journal, "WRITER/0").ConfigureAwait(false)).Count == 0, "Streams' names are compared without regard to case.");
    }

    public static async Task AllWhoOpenItShareIt(JournalSubject subject)
    {
        await using (IJournal first = await subject.OpenAsync().ConfigureAwait(false))
        await using (IJournal second = await subject.OpenAsync().ConfigureAwait(false))
        {
            AppendReceipt one = await first.AppendAsync(Batch(1, 0, 1), subject.Cancellation).ConfigureAwait(false);
            IReadOnlyList<JournalEvent> seen = await second.ReadAsync(0, cancellation: subject.Cancellation).ConfigureAwait(false);
            Require(seen.Count == 1 && seen[0].Position == one.First, "What one appended, the other doesn't read at once.");
            AppendReceipt two = await second.AppendAsync(Batch(2, 0, 1), subject.Cancellation).ConfigureAwait(false);
            Require(two.First > one.Last, $"The other's event has position {two.First}, after {one.Last}.");
        }

        await using IJournal third = await subject.OpenAsync().ConfigureAwait(false);
        Require((await subject.AllAsync(third).ConfigureAwait(false)).Count == 2, "Opened anew, the journal has lost or gained events.");
    }

    public static async Task RefusedBatchesLeaveNothing(JournalSubject subject)
    {
        await using IJournal journal = await subject.OpenAsync().ConfigureAwait(false);
        NewEvent good = new("s", "k", 1, "{}");
        NewEvent[][] refused =
        [
            [],
            [good, new("", "k", 1, "{}")],
            [good, new("s", "", 1, "{}")],
            [good, new("s\0", "k", 1, "{}")],
            [good, new("s", "k", 0, "{}")],
            [good, new("s", "k", 1, "")],
            [good, new("s", "k", 1, "{")],
            [good, new("s", "k", 1, "{} {}")],
            [good, new("s", "k", 1, new byte[] { (byte)'"', 0xFF, (byte)'"' })],
            [good, new(new string('s', 501), "k", 1, "{}")],
        ];
        for (int i = 0; i < refused.Length; i++)
        {
            bool thrown = false;
            try
            {
                await journal.AppendAsync(refused[i], subject.Cancellation).ConfigureAwait(false);
            }
            catch (ArgumentException)
            {
                thrown = true;
            }

            Require(thrown, $"Batch {i} has an event that can't be stored, and is taken.");
        }

        Require((await subject.AllAsync(journal).ConfigureAwait(false)).Count == 0, "A refused batch left events behind.");
    }

    public static async Task TimesAreTheJournals(JournalSubject subject)
    {
        await using IJournal first = await subject.OpenAsync().ConfigureAwait(false);
        await using IJournal second = await subject.OpenAsync().ConfigureAwait(false);
        AppendReceipt one = await first.AppendAsync(Batch(0, 0, 3), subject.Cancellation).ConfigureAwait(false);
        AppendReceipt two = await second.AppendAsync(Batch(1, 0, 1), subject.Cancellation).ConfigureAwait(false);
        Require(two.Time >= one.Time, $"The later event has the time {two.Time:O}, before {one.Time:O}.");
        IReadOnlyList<JournalEvent> read = await subject.AllAsync(second).ConfigureAwait(false);
        Require(
            read.Take(3).All(seen => seen.Time == one.Time) && read[3].Time == two.Time,
            $"The receipts say {one.Time:O} and {two.Time:O}; read are {string.Join(", ", read.Select(static seen => seen.Time.ToString("O")))}.");
    }

    private static string Start(ReadOnlyMemory<byte> data) => Encoding.UTF8.GetString(data.Span[..Math.Min(100, data.Length)]);
}
