using Descent.Journal;

namespace Descent.Tuning;

/// <summary>A study's stream of the journal and what it adds up to. One caller at a time: the state is only touched inside.</summary>
internal sealed class StudyLog(IJournal journal, string stream, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly StudyState _state = new();
    private DateTimeOffset _shown = DateTimeOffset.MinValue;
    private long _shownAt;

    public StudyEvents Events { get; } = new(stream);

    public TimeProvider Clock => clock;

    /// <summary>Runs something over the newest state, which may append to it.</summary>
    public async ValueTask<T> WithAsync<T>(Func<Session, ValueTask<T>> action, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await CatchUpAsync(long.MaxValue, cancellation).ConfigureAwait(false);
            return await action(new Session(this)).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Appends without a look at the state first, then runs something over the state with the events in it.</summary>
    public async ValueTask<T> AppendAsync<T>(IReadOnlyList<NewEvent> events, Func<StudyState, AppendReceipt, T> then, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            AppendReceipt receipt = await AppendInsideAsync(events, cancellation).ConfigureAwait(false);
            return then(_state, receipt);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async ValueTask<AppendReceipt> AppendInsideAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellation)
    {
        AppendReceipt receipt = await journal.AppendAsync(events, cancellation).ConfigureAwait(false);
        // Now, not before: the journal's clock shows at least this much more.
        (_shown, _shownAt) = (receipt.Time, clock.GetTimestamp());
        if (receipt.First == _state.Position + 1)
        {
            // Nothing came in between: the events need not be read back.
            for (int i = 0; i < events.Count; i++)
            {
                NewEvent added = events[i];
                _state.Apply(new JournalEvent(receipt.First + i, receipt.Time, added.Stream, added.Kind, added.Version, added.Data));
            }
        }
        else
        {
            await CatchUpAsync(receipt.Last, cancellation).ConfigureAwait(false);
        }

        return receipt;
    }

    private async ValueTask CatchUpAsync(long position, CancellationToken cancellation)
    {
        if (_state.Position >= position)
        {
            return;
        }

        IReadOnlyList<JournalEvent> page = await ReadAsync(_state.Position, cancellation).ConfigureAwait(false);
        while (page.Count == JournalEvent.Page)
        {
            // A long journal: the next page is read while this one is applied.
            long last = page[^1].Position;
            Task<IReadOnlyList<JournalEvent>> next = Task.Run(() => ReadAsync(last, cancellation).AsTask(), cancellation);
            try
            {
                Apply(page);
            }
            finally
            {
                page = await next.ConfigureAwait(false);
            }
        }

        Apply(page);
    }

    private ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(long after, CancellationToken cancellation) => journal.ReadAsync(after, stream, cancellation: cancellation);

    private void Apply(IReadOnlyList<JournalEvent> page)
    {
        foreach (JournalEvent happened in page)
        {
            _state.Apply(happened);
        }
    }

    /// <summary>What may be done while nobody else does anything.</summary>
    internal readonly struct Session(StudyLog log)
    {
        public StudyState State => log._state;

        /// <summary>A time that the journal's clock has reached for certain.</summary>
        public DateTimeOffset Now
        {
            get
            {
                DateTimeOffset shown = log._shown == DateTimeOffset.MinValue ? log._shown : log._shown + log.Clock.GetElapsedTime(log._shownAt);
                return shown > State.Time ? shown : State.Time;
            }
        }

        public ValueTask<AppendReceipt> AppendAsync(NewEvent added, CancellationToken cancellation) => log.AppendInsideAsync([added], cancellation);
    }
}
