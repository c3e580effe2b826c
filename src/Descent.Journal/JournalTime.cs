namespace Descent.Journal;

/// <summary>Times as they are stored: microseconds since 1970, UTC.</summary>
internal static class JournalTime
{
    public static DateTimeOffset Now(TimeProvider clock) => FromMicroseconds(ToMicroseconds(clock.GetUtcNow()));

    public static long ToMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
