namespace Descent.Journal;

/// <summary>An event of a journal.</summary>
/// <param name="Position">Its place in the order of all events; above 0.</param>
/// <param name="Time">When it was appended, by the journal's clock, in microseconds.</param>
/// <param name="Stream">Whose event it is.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Version">The version of the kind's schema.</param>
/// <param name="Data">The rest, a JSON value in UTF-8.</param>
public readonly record struct JournalEvent(long Position, DateTimeOffset Time, string Stream, string Kind, int Version, ReadOnlyMemory<byte> Data)
{
    /// <summary>How many events are read at once where nothing else is asked for.</summary>
    public const int Page = 10_000;
}
