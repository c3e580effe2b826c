using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Descent.Journal;

/// <summary>The tables of a journal's file, and how one knows it.</summary>
internal static class SqliteFormat
{
    /// <summary>The version that is written, and the newest that can be read. Version 1: table <c>events</c> below.</summary>
    public const int Version = 1;

    /// <summary>"DSCJ": tells a journal from other programs' files.</summary>
    private const int ApplicationId = 0x4453434A;

    private const string Tables =
        """
        CREATE TABLE events(
            position INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,      -- microseconds since 1970, UTC
            stream TEXT NOT NULL,
            kind TEXT NOT NULL,
            version INTEGER NOT NULL,
            data TEXT NOT NULL          -- JSON
        ) STRICT;
        CREATE INDEX events_stream ON events(stream, position);
        """;

    /// <summary>Makes the tables of a new file, checks those of an old one. Another process may be at the same: then one of the two finds it done, or busy.</summary>
    public static bool Prepare(SqliteConnection connection, SqliteFaults faults)
    {
        // The tables first: who sees them sees the numbers too, which are written with them.
        long tables = CountTables(connection);
        (long id, long version) = (Number(connection, "PRAGMA application_id"), Number(connection, "PRAGMA user_version"));
        if (tables > 0 && id != ApplicationId)
        {
            throw new JournalException($"{faults.Path} is an SQLite file of another program, not a journal. Name another file.");
        }

        if (version > Version)
        {
            throw new JournalException($"{faults.Path} is a journal of format {version}; this version of Descent reads formats up to {Version}. Use a newer version.");
        }

        Run(connection, "PRAGMA journal_mode = WAL");
        Run(connection, "PRAGMA synchronous = NORMAL");
        if (tables == 0)
        {
            Run(connection, "BEGIN IMMEDIATE");
            try
            {
                if (CountTables(connection) == 0)
                {
                    Run(connection, Tables);
                    Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}"));
                }

                Run(connection, "COMMIT");
            }
            catch
            {
                Run(connection, "ROLLBACK");
                throw;
            }
        }

        return true;
    }

    private static long CountTables(SqliteConnection connection) => Number(connection, "SELECT count(*) FROM sqlite_schema");

    private static long Number(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = Command(connection, sql);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        // In seconds; how long the library itself asks again. WhileBusyAsync does that, and can be cancelled.
        command.CommandTimeout = 1;
        return command;
    }
}
