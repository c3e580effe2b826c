using Descent.Journal;
using static Descent.Testing.Checks.JournalSubject;

namespace Descent.Testing.Checks;

/// <summary>Many users of a journal at once.</summary>
internal static class JournalConcurrencyChecks
{
    private const int Writers = 6;
    private const int Batches = 30;

    public static async Task BatchesAreWhole(JournalSubject subject)
    {
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(subject, writer), subject.Cancellation))).ConfigureAwait(false);
        await using IJournal journal = await subject.OpenAsync().ConfigureAwait(false);
        int found = WholeBatches(await subject.AllAsync(journal).ConfigureAwait(false)).Count;
        Require(found == Writers * Batches, $"{Writers * Batches} batches were appended and {found} read.");
    }

    public static async Task ReadersMissNothing(JournalSubject subject)
    {
        Task writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(subject, writer), subject.Cancellation)));
        await using IJournal journal = await subject.OpenAsync().ConfigureAwait(false);
        List<JournalEvent> followed = [];
        bool last;
        do
        {
            // Asked before reading: what was appended by then must be read.
            last = writing.IsCompleted;
            followed.AddRange(await journal.ReadAsync(followed.Count == 0 ? 0 : followed[^1].Position, cancellation: subject.Cancellation).ConfigureAwait(false));
        }
        while (!last);
        await writing.ConfigureAwait(false);
        IReadOnlyList<JournalEvent> all = await subject.AllAsync(journal).ConfigureAwait(false);
        Require(
            followed.Select(static read => read.Position).SequenceEqual(all.Select(static read => read.Position)),
            $"Who followed the journal while others appended saw {followed.Count} events; there are {all.Count}.");
        int found = WholeBatches(followed).Count;
        Require(found == Writers * Batches, $"{Writers * Batches} batches were appended and {found} read.");
    }

    public static async Task CancelledBatchesAreWholeOrNothing(JournalSubject subject)
    {
        await using IJournal journal = await subject.OpenAsync().ConfigureAwait(false);
        bool cancelled = false;
        try
        {
            await journal.AppendAsync(Batch(0, 0, 5), new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancelled = true;
        }

        Require(cancelled && (await subject.AllAsync(journal).ConfigureAwait(false)).Count == 0, "An append that was cancelled before it began is done.");
        HashSet<(int, int)> acknowledged = [];
        for (int batch = 1; batch <= 60; batch++)
        {
            using CancellationTokenSource soon = CancellationTokenSource.CreateLinkedTokenSource(subject.Cancellation);
            ValueTask<AppendReceipt> append = journal.AppendAsync(Batch(0, batch, 5), soon.Token);
            Thread.SpinWait(batch * 300);
            await soon.CancelAsync().ConfigureAwait(false);
            try
            {
                await append.ConfigureAwait(false);
                acknowledged.Add((0, batch));
            }
            catch (OperationCanceledException) when (!subject.Cancellation.IsCancellationRequested)
            {
                // Whole or not there: seen below.
            }
        }

        HashSet<(int, int)> found = WholeBatches(await subject.AllAsync(journal).ConfigureAwait(false));
        Require(acknowledged.IsSubsetOf(found), "An append that returned is not there.");
    }

    private static async Task WriteAsync(JournalSubject subject, int writer)
    {
        await using IJournal journal = await subject.OpenAsync().ConfigureAwait(false);
        for (int batch = 0; batch < Batches; batch++)
        {
            await journal.AppendAsync(Batch(writer, batch, 1 + ((writer + batch) % 7)), subject.Cancellation).ConfigureAwait(false);
        }
    }
}
