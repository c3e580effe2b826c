using System.Text;
using SQLitePCL;

namespace Descent.Journal;

/// <summary>A prepared statement, bound and read as bytes: no string is made of a million JSON texts.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly SqliteFaults _faults;

    public SqliteStatement(sqlite3 database, SqliteFaults faults, string sql)
    {
        (_database, _faults) = (database, faults);
        faults.Check(raw.sqlite3_prepare_v2(database, sql, out _statement), database);
    }

    public void Bind(int index, long value) => _faults.Check(raw.sqlite3_bind_int64(_statement, index, value), _database);

    public void Bind(int index, ReadOnlySpan<byte> text) => _faults.Check(raw.sqlite3_bind_text(_statement, index, text), _database);

    public void Bind(int index, string text) => Bind(index, Encoding.UTF8.GetBytes(text));

    /// <summary>Takes a step; false: there are no more rows.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(_statement);
        _faults.Check(code, _database);
        return code == raw.SQLITE_ROW;
    }

    public long Integer(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <summary>Lets go of the rows; what a failed step answered was thrown there.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose() => _statement.Dispose();
}
