using SQLitePCL;

namespace Descent.Journal;

/// <summary>Writes batches, each in a transaction of its own.</summary>
internal sealed class SqliteAppender : IDisposable
{
    private readonly sqlite3 _database;
    private readonly TimeProvider _clock;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;

    public SqliteAppender(sqlite3 database, SqliteFaults faults, TimeProvider clock)
    {
        (_database, _clock) = (database, clock);
        // Immediate: the right to write is taken before anything is read, or two that read first would both have to give up.
        _begin = new(database, faults, "BEGIN IMMEDIATE");
        _insert = new(database, faults, "INSERT INTO events(time, stream, kind, version, data) VALUES (?1, ?2, ?3, ?4, ?5)");
        _commit = new(database, faults, "COMMIT");
        _rollback = new(database, faults, "ROLLBACK");
    }

    public AppendReceipt Append(IReadOnlyList<NewEvent> events)
    {
        _begin.Run();
        try
        {
            // Nothing is ever deleted, so the next row's number is the largest plus one.
            DateTimeOffset now = JournalTime.Now(_clock);
            _insert.Bind(1, JournalTime.ToMicroseconds(now));
            foreach (NewEvent added in events)
            {
                _insert.Bind(2, added.Stream);
                _insert.Bind(3, added.Kind);
                _insert.Bind(4, added.Version);
                _insert.Bind(5, added.Data.Span);
                _insert.Run();
            }

            long last = raw.sqlite3_last_insert_rowid(_database);
            _commit.Run();
            return new AppendReceipt(last - events.Count + 1, last, now);
        }
        catch
        {
            // Some faults roll back by themselves.
            if (raw.sqlite3_get_autocommit(_database) == 0)
            {
                _rollback.Run();
            }

            throw;
        }
    }

    public void Dispose()
    {
        _begin.Dispose();
        _insert.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
    }
}
