using Npgsql;

namespace Descent.Journal;

/// <summary>The tables of a journal in a database.</summary>
internal static class PostgresFormat
{
    /// <summary>The version that is written, and the newest that can be read.</summary>
    private const int Version = 1;

    /// <summary>Two that create the tables at once would trip over each other without a lock; the number is "descent" in ASCII.</summary>
    private static readonly string Tables =
        $"""
        SELECT pg_advisory_xact_lock(28259044848658036);
        CREATE TABLE IF NOT EXISTS descent_journal_format(version int NOT NULL);
        INSERT INTO descent_journal_format SELECT {Version} WHERE NOT EXISTS (SELECT FROM descent_journal_format);
        CREATE TABLE IF NOT EXISTS descent_journal(
            position bigint PRIMARY KEY,
            time timestamptz NOT NULL,
            stream text NOT NULL,
            kind text NOT NULL,
            version int NOT NULL,
            data json NOT NULL,
            batch uuid UNIQUE           -- on a batch's first event: appending it once more finds it
        );
        CREATE INDEX IF NOT EXISTS descent_journal_stream ON descent_journal(stream, position);
        """;

    public static async ValueTask<bool> PrepareAsync(NpgsqlDataSource source, string shown, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        if (!await ExistsAsync(connection, cancellation).ConfigureAwait(false))
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await using NpgsqlCommand create = new(Tables, connection, transaction);
            await create.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }

        await using NpgsqlCommand ask = new("SELECT max(version) FROM descent_journal_format", connection);
        int version = await ask.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as int? ?? 0;
        return version <= Version
            ? true
            : throw new JournalException($"{shown} holds a journal of format {version}; this version of Descent reads formats up to {Version}. Use a newer version.");
    }

    // Asked first, so that who may only read and append needs no right to create.
    private static async ValueTask<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlCommand ask = new("SELECT to_regclass('descent_journal') IS NOT NULL AND to_regclass('descent_journal_stream') IS NOT NULL", connection);
        return await ask.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is true;
    }
}
