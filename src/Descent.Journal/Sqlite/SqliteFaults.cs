using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Descent.Journal;

/// <summary>What SQLite answers when something is wrong: waited out where it is another process's turn, said plainly where it isn't.</summary>
internal sealed class SqliteFaults(string path)
{
    /// <summary>How long another process may keep the file to itself; a write takes well under a second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Path { get; } = path;

    /// <summary>Repeats what found the file taken by another process.</summary>
    public async ValueTask<T> WhileBusyAsync<T>(Func<T> action, CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return action();
            }
            catch (SqliteException fault) when (IsBusy(fault))
            {
                if (TimeProvider.System.GetElapsedTime(start) > Patience)
                {
                    throw new JournalException(
                        $"{Path} was kept busy by another process for {Patience.TotalSeconds} s. Look for a program that holds the file open in a transaction.", fault);
                }
            }
            catch (SqliteException fault)
            {
                throw Translate(fault);
            }

            // At random, so that two that met don't meet again.
            await Task.Delay(Random.Shared.Next(1, 20), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Throws where SQLite's answer is none of the good ones.</summary>
    public void Check(int code, sqlite3 database)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), code, raw.sqlite3_extended_errcode(database));
        }
    }

    public JournalException Translate(Exception failure) => new(
        failure is not SqliteException fault ? $"{Path} can't be opened: {failure.Message}"
        : fault.SqliteErrorCode switch
        {
            raw.SQLITE_NOTADB => $"{Path} is no SQLite file. Name another file.",
            raw.SQLITE_CORRUPT => $"{Path} is damaged ({fault.Message}). Restore it from a copy, or save what can be read with the sqlite3 program's .recover.",
            raw.SQLITE_FULL => $"{Path} can't grow: the disk is full. Free some space; nothing that was appended before is lost.",
            raw.SQLITE_READONLY => $"{Path} can't be written. Check the permissions of the file and of its folder.",
            raw.SQLITE_CANTOPEN => $"{Path} can't be opened. Check that its folder can be read and written.",
            _ => $"{Path} can't be used: {fault.Message}",
        },
        failure);

    private static bool IsBusy(SqliteException fault) => fault.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;
}
