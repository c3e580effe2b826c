namespace Descent.Journal;

/// <summary>An append-only log of events, shared by all who opened the same one: threads, processes, machines.</summary>
/// <remarks>
/// <para><b>Order.</b> Every event has a position; positions grow in the order in which appends took effect. Who has read up to a position has seen all events
/// before it: none turns up later with a smaller one. Positions may have gaps.</para>
/// <para><b>Atomic.</b> A batch is there as a whole or not at all, its events stand next to each other, and once <see cref="AppendAsync"/> has returned, the
/// death of this process loses nothing.</para>
/// <para><b>Clock.</b> An event's time is set by the journal: all who share it share one clock.</para>
/// <para>Members may be called by several threads at once. <c>Descent.Testing.JournalContract</c> checks an implementation.</para>
/// </remarks>
public interface IJournal : IAsyncDisposable
{
    /// <summary>Appends a batch of events.</summary>
    /// <param name="events">The events; at least one.</param>
    /// <param name="cancellation">Gives up waiting; the batch may have been appended all the same.</param>
    /// <exception cref="ArgumentException">The batch is empty, or an event can't be stored; nothing was appended.</exception>
    /// <exception cref="JournalException">The journal can't be written.</exception>
    ValueTask<AppendReceipt> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellation = default);

    /// <summary>The events after a position, in order.</summary>
    /// <param name="after">The last position already known; 0 for the beginning.</param>
    /// <param name="stream">Only events of this stream; none: of all.</param>
    /// <param name="limit">How many at most; fewer mean that there are no more at present.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="JournalException">The journal can't be read.</exception>
    ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(long after, string? stream = null, int limit = JournalEvent.Page, CancellationToken cancellation = default);
}
