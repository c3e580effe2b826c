namespace Descent.Journal;

/// <summary>A journal in this process's memory: for tests, and for studies that nobody will ask about later.</summary>
public sealed class MemoryJournal : IJournal
{
    private readonly Lock _lock = new();
    private readonly List<JournalEvent> _events = [];
    private readonly Dictionary<string, List<int>> _streams = [];
    private readonly TimeProvider _clock;

    /// <summary>An empty journal.</summary>
    /// <param name="clock">Its clock; the system's by default.</param>
    public MemoryJournal(TimeProvider? clock = null) => _clock = clock ?? TimeProvider.System;

    /// <inheritdoc/>
    public ValueTask<AppendReceipt> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellation = default)
    {
        NewEvent.Check(events);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            DateTimeOffset now = JournalTime.Now(_clock);
            int first = _events.Count + 1;
            foreach (NewEvent added in events)
            {
                if (!_streams.TryGetValue(added.Stream, out List<int>? places))
                {
                    _streams.Add(added.Stream, places = []);
                }

                places.Add(_events.Count);
                _events.Add(new(_events.Count + 1, now, added.Stream, added.Kind, added.Version, added.Data.ToArray()));
            }

            return new(new AppendReceipt(first, _events.Count, now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(long after, string? stream = null, int limit = JournalEvent.Page, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            int start = (int)Math.Min(after, _events.Count);
            if (stream is null)
            {
                return new(_events.GetRange(start, Math.Min(limit, _events.Count - start)));
            }

            if (!_streams.TryGetValue(stream, out List<int>? places))
            {
                return new([]);
            }

            int found = places.BinarySearch(start);
            int first = found < 0 ? ~found : found;
            return new([.. places.GetRange(first, Math.Min(limit, places.Count - first)).Select(place => _events[place])]);
        }
    }

    /// <summary>Does nothing: the events are there as long as the journal is.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
