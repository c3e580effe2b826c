using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Descent.Journal;

/// <summary>A journal in one SQLite file, shared by the processes of one machine.</summary>
/// <remarks>
/// The file is in write-ahead mode: readers and the one writer of a moment don't wait for each other, and a process killed at any moment leaves whole batches.
/// A commit isn't flushed to the disk by itself (<c>synchronous = NORMAL</c>): the machine's loss of power can take the last commits, never whole older
/// ones or the file's order. The mode needs shared memory, so the file must lie on a disk of the machine, not on a network share; many machines
/// share a <see cref="PostgresJournal"/>. The clock is this machine's.
/// </remarks>
public sealed class SqliteJournal : IJournal
{
    private readonly SqliteConnection _writer;
    private readonly SqliteConnection _reader;
    private readonly SqliteAppender _appender;
    private readonly SqliteReader _pages;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly SqliteFaults _faults;

    private SqliteJournal(SqliteConnection writer, SqliteConnection reader, SqliteFaults faults, TimeProvider clock)
    {
        (_writer, _reader, _faults) = (writer, reader, faults);
        _appender = new SqliteAppender(writer.Handle!, faults, clock);
        _pages = new SqliteReader(reader.Handle!, faults);
    }

    /// <summary>Opens a file, or makes it, and the folder it lies in, where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="clock">The journal's clock, the same in all processes that share the file; the machine's by default.</param>
    /// <param name="cancellation">Gives up waiting for other processes.</param>
    /// <exception cref="JournalException">The file can't be opened, is something else, or comes from a newer version.</exception>
    public static async ValueTask<SqliteJournal> OpenAsync(string path, TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SqliteFaults faults = new(Path.GetFullPath(path));
        SqliteConnection? writer = null, reader = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(faults.Path)!);
            writer = Connect(faults.Path);
            await faults.WhileBusyAsync(() => SqliteFormat.Prepare(writer, faults), cancellation).ConfigureAwait(false);
            reader = Connect(faults.Path);
            return new SqliteJournal(writer, reader, faults, clock ?? TimeProvider.System);
        }
        catch (Exception failure)
        {
            writer?.Dispose();
            reader?.Dispose();
            throw failure is SqliteException or IOException or UnauthorizedAccessException ? faults.Translate(failure) : failure;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<AppendReceipt> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellation = default)
    {
        NewEvent.Check(events);
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await _faults.WhileBusyAsync(() => _appender.Append(events), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(
        long after, string? stream = null, int limit = JournalEvent.Page, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        await _reading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await _faults.WhileBusyAsync(() => _pages.Read(after, stream, limit), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Waits for what is under way, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        await _reading.WaitAsync().ConfigureAwait(false);
        _appender.Dispose();
        _pages.Dispose();
        _writer.Dispose();
        _reader.Dispose();
        _writing.Dispose();
        _reading.Dispose();
    }

    private static SqliteConnection Connect(string path)
    {
        // Without a pool, so that a disposed journal has let go of its file.
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Debug.Assert(connection.Handle is not null, "An open connection has a handle.");
        // Short, so that a wait can be cancelled in between; SqliteFaults.WhileBusyAsync waits on.
        _ = raw.sqlite3_busy_timeout(connection.Handle, 250);
        return connection;
    }
}
