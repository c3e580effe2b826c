using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Descent.Journal;

/// <summary>A journal in a PostgreSQL database, shared by many machines.</summary>
/// <remarks>
/// <para>Appends take a lock of the database for their one statement, so that positions are in the order of commits and readers never find an event behind
/// one they have already read. The clock is the server's.</para>
/// <para>A server that restarts is waited for. A batch carries a number of its own, so that an append whose answer was lost is not done twice.</para>
/// <para>Made and tested for version 13 and later. Two tables, <c>descent_journal</c> and <c>descent_journal_format</c>, are made in the first schema of the search path.</para>
/// </remarks>
public sealed class PostgresJournal : IJournal
{
    private const string Lock = "SELECT pg_advisory_xact_lock('descent_journal'::regclass::oid::bigint)";

    private const string Insert =
        """
        WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now, coalesce(max(position), 0) AS last FROM descent_journal),
        added AS (
            INSERT INTO descent_journal(position, time, stream, kind, version, data, batch)
            SELECT clock.last + e.n, clock.now, e.stream, e.kind, e.version, e.data::json, CASE WHEN e.n = 1 THEN $5 END
            FROM clock, unnest($1, $2, $3, $4) WITH ORDINALITY AS e(stream, kind, version, data, n)
            RETURNING position, time)
        SELECT min(position), max(position), min(time) FROM added
        """;

    private const string Find = "SELECT position, position + $2 - 1, time FROM descent_journal WHERE batch = $1";
    private const string Columns = "SELECT position, time, stream, kind, version, data FROM descent_journal WHERE";

    private readonly NpgsqlDataSource _source;
    private readonly PostgresFaults _faults;

    private PostgresJournal(NpgsqlDataSource source, PostgresFaults faults)
    {
        _source = source;
        _faults = faults;
    }

    /// <summary>Connects to a server, and makes the tables where there are none.</summary>
    /// <param name="url">
    /// <c>postgres://user:password@host:5432/database</c>, or <c>postgresql://</c>. After <c>?</c> settings of libpq (<c>sslmode</c>, <c>host</c> for a socket's
    /// folder) and of Npgsql. What is missing comes from <c>PGUSER</c>, <c>PGPASSWORD</c> and <c>~/.pgpass</c>.
    /// </param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="JournalException">The URL can't be used, or the server not be reached within 5 s, or it refuses.</exception>
    public static async ValueTask<PostgresJournal> OpenAsync(string url, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(url);
        NpgsqlConnectionStringBuilder settings = PostgresUrl.Parse(url);
        string shown = PostgresUrl.Shown(settings);
        PostgresFaults faults = new(shown);
        NpgsqlDataSource source = NpgsqlDataSource.Create(settings);
        try
        {
            await faults.WhileAwayAsync(token => PostgresFormat.PrepareAsync(source, shown, token), opening: true, cancellation).ConfigureAwait(false);
            return new PostgresJournal(source, faults);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<AppendReceipt> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellation = default)
    {
        NewEvent.Check(events);
        Guid batch = Guid.NewGuid();
        bool lost = false;
        return _faults.WhileAwayAsync(
            async token =>
            {
                // The first time nobody can have appended it.
                if (lost && await FindAsync(batch, events.Count, token).ConfigureAwait(false) is { } found)
                {
                    return found;
                }

                lost = true;
                return await InsertAsync(events, batch, token).ConfigureAwait(false);
            },
            opening: false,
            cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(
        long after, string? stream = null, int limit = JournalEvent.Page, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _faults.WhileAwayAsync(token => SelectAsync(after, stream, limit, token), opening: false, cancellation);
    }

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async ValueTask<AppendReceipt> InsertAsync(IReadOnlyList<NewEvent> events, Guid batch, CancellationToken cancellation)
    {
        // Both statements are one transaction. The second one's snapshot is taken after the lock, so it sees all that was appended before.
        await using NpgsqlBatch both = _source.CreateBatch();
        both.BatchCommands.Add(new NpgsqlBatchCommand(Lock));
        NpgsqlBatchCommand insert = new(Insert);
        insert.Parameters.Add(Array(events, NpgsqlDbType.Text, static added => added.Stream));
        insert.Parameters.Add(Array(events, NpgsqlDbType.Text, static added => added.Kind));
        insert.Parameters.Add(Array(events, NpgsqlDbType.Integer, static added => added.Version));
        insert.Parameters.Add(Array(events, NpgsqlDbType.Text, static added => Encoding.UTF8.GetString(added.Data.Span)));
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = batch });
        both.BatchCommands.Add(insert);
        try
        {
            await using NpgsqlDataReader reader = await both.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await reader.NextResultAsync(cancellation).ConfigureAwait(false);
            await reader.ReadAsync(cancellation).ConfigureAwait(false);
            AppendReceipt receipt = Receipt(reader);
            // An error of the commit itself comes after the rows.
            await reader.NextResultAsync(cancellation).ConfigureAwait(false);
            return receipt;
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UniqueViolation && fault.ConstraintName == "descent_journal_batch_key")
        {
            // The lost append was only late.
            return await FindAsync(batch, events.Count, cancellation).ConfigureAwait(false)
                ?? throw new InvalidOperationException("The server refuses a batch as already appended, and doesn't find it.", fault);
        }
    }

    private async ValueTask<AppendReceipt?> FindAsync(Guid batch, int count, CancellationToken cancellation)
    {
        await using NpgsqlCommand find = _source.CreateCommand(Find);
        find.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = batch });
        find.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        await using NpgsqlDataReader reader = await find.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        return await reader.ReadAsync(cancellation).ConfigureAwait(false) ? Receipt(reader) : null;
    }

    private async ValueTask<IReadOnlyList<JournalEvent>> SelectAsync(long after, string? stream, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand select = _source.CreateCommand(
            stream is null ? $"{Columns} position > $1 ORDER BY position LIMIT $2" : $"{Columns} stream = $3 AND position > $1 ORDER BY position LIMIT $2");
        select.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        select.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (stream is not null)
        {
            select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        }

        List<JournalEvent> events = [];
        Dictionary<string, string> names = [];
        await using NpgsqlDataReader reader = await select.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            events.Add(new JournalEvent(
                reader.GetInt64(0), reader.GetFieldValue<DateTime>(1), stream ?? Shared(reader.GetString(2)), Shared(reader.GetString(3)), reader.GetInt32(4), reader.GetFieldValue<byte[]>(5)));
        }

        return events;

        string Shared(string name) => names.TryGetValue(name, out string? known) ? known : names[name] = name;
    }

    private static AppendReceipt Receipt(NpgsqlDataReader reader) =>
        new(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<DateTime>(2));

    private static NpgsqlParameter<T[]> Array<T>(IReadOnlyList<NewEvent> events, NpgsqlDbType element, Func<NewEvent, T> value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | element, TypedValue = [.. events.Select(value)] };
}
