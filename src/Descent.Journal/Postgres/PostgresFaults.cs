using Npgsql;

namespace Descent.Journal;

/// <summary>What a PostgreSQL server answers when something is wrong: waited out where the server is away for a while, said plainly where waiting won't help.</summary>
internal sealed class PostgresFaults(string shown)
{
    // Long enough for a server to be updated and its machine restarted.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan OpeningPatience = TimeSpan.FromSeconds(5);

    /// <summary>Repeats what found no server. The action must be such that doing it twice is doing it once.</summary>
    public async ValueTask<T> WhileAwayAsync<T>(Func<CancellationToken, ValueTask<T>> action, bool opening, CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        TimeSpan patience = opening ? OpeningPatience : Patience;
        for (int attempt = 0; ; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return await action(cancellation).ConfigureAwait(false);
            }
            catch (NpgsqlException fault) when (IsAway(fault))
            {
                if (TimeProvider.System.GetElapsedTime(start) > patience)
                {
                    throw new JournalException(
                        $"{shown} could not be reached for {patience.TotalSeconds} s ({Innermost(fault)}). Check that the server runs and the URL names it.", fault);
                }
            }
            catch (NpgsqlException fault)
            {
                throw Translate(fault);
            }

            // 20 ms, 40, 80, … at most a second, and a part of it at random, so that workers don't come back all at once.
            double wait = Math.Min(1000, 20 * Math.Pow(2, Math.Min(attempt, 6)));
            await Task.Delay(TimeSpan.FromMilliseconds(wait * (0.5 + (0.5 * Random.Shared.NextDouble()))), cancellation).ConfigureAwait(false);
        }
    }

    private JournalException Translate(NpgsqlException fault) => new(
        fault is not PostgresException answer ? $"{shown} can't be used: {Innermost(fault)}"
        : answer.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"{shown} refuses the user: {answer.MessageText}. Give user and password in the URL, in PGUSER and PGPASSWORD, or in ~/.pgpass.",
            PostgresErrorCodes.InvalidCatalogName => $"{shown}: {answer.MessageText}. Create it (createdb), or name another in the URL.",
            PostgresErrorCodes.InsufficientPrivilege => $"{shown}: {answer.MessageText}. The user needs the rights to create and write the tables descent_journal and descent_journal_format.",
            PostgresErrorCodes.DiskFull => $"{shown}: the server's disk is full. Free some space there; nothing that was appended before is lost.",
            PostgresErrorCodes.ReadOnlySqlTransaction => $"{shown} can only be read: it is a standby. Name the primary server.",
            _ => $"{shown} can't be used: {answer.MessageText} ({answer.SqlState}).",
        },
        fault);

    private static bool IsAway(NpgsqlException fault) => fault is PostgresException answer
        ? answer.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            || answer.SqlState.StartsWith("08", StringComparison.Ordinal)
            // Two appends took the same position: they ran at an isolation level that keeps the snapshot from before the lock.
            || (answer.SqlState == PostgresErrorCodes.UniqueViolation && answer.ConstraintName == "descent_journal_pkey")
        : fault.InnerException is IOException or System.Net.Sockets.SocketException or TimeoutException || fault.IsTransient;

    private static string Innermost(Exception fault) => fault.GetBaseException().Message;
}
