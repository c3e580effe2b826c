using System.Text;
using SQLitePCL;

namespace Descent.Journal;

/// <summary>Reads pages of events. Names, which are few, are made once; the data of a page lie in one array.</summary>
internal sealed class SqliteReader : IDisposable
{
    private const string Columns = "SELECT position, time, stream, kind, version, data FROM events WHERE";
    private readonly SqliteStatement _all;
    private readonly SqliteStatement _stream;
    private readonly NameTable _names = new();

    public SqliteReader(sqlite3 database, SqliteFaults faults)
    {
        _all = new(database, faults, $"{Columns} position > ?1 ORDER BY position LIMIT ?2");
        _stream = new(database, faults, $"{Columns} stream = ?3 AND position > ?1 ORDER BY position LIMIT ?2");
    }

    public IReadOnlyList<JournalEvent> Read(long after, string? stream, int limit)
    {
        SqliteStatement statement = stream is null ? _all : _stream;
        statement.Bind(1, after);
        statement.Bind(2, limit);
        if (stream is not null)
        {
            statement.Bind(3, stream);
        }

        List<JournalEvent> events = [];
        DataBlock data = new();
        try
        {
            while (statement.Step())
            {
                events.Add(new JournalEvent(
                    statement.Integer(0),
                    JournalTime.FromMicroseconds(statement.Integer(1)),
                    stream ?? _names.Of(statement.Bytes(2)),
                    _names.Of(statement.Bytes(3)),
                    (int)statement.Integer(4),
                    data.Keep(statement.Bytes(5))));
            }
        }
        finally
        {
            statement.Reset();
        }

        return events;
    }

    public void Dispose()
    {
        _all.Dispose();
        _stream.Dispose();
    }

    /// <summary>One string for all places where the same few names stand.</summary>
    private sealed class NameTable
    {
        private const int Most = 4096;
        private readonly Dictionary<string, string> _known = [];
        private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _lookup;
        private readonly char[] _characters = new char[512];

        public NameTable() => _lookup = _known.GetAlternateLookup<ReadOnlySpan<char>>();

        public string Of(ReadOnlySpan<byte> utf8)
        {
            if (utf8.Length > _characters.Length)
            {
                return Encoding.UTF8.GetString(utf8);
            }

            ReadOnlySpan<char> name = _characters.AsSpan(0, Encoding.UTF8.GetChars(utf8, _characters));
            if (_lookup.TryGetValue(name, out string? known))
            {
                return known;
            }

            if (_known.Count == Most)
            {
                _known.Clear();
            }

            string added = name.ToString();
            _known.Add(added, added);
            return added;
        }
    }

    /// <summary>Copies of short texts, one behind the other.</summary>
    private sealed class DataBlock
    {
        private const int Size = 1 << 16;
        private byte[] _block = [];
        private int _used;

        public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > Size / 4)
            {
                return bytes.ToArray();
            }

            if (bytes.Length > _block.Length - _used)
            {
                (_block, _used) = (GC.AllocateUninitializedArray<byte>(Size), 0);
            }

            bytes.CopyTo(_block.AsSpan(_used));
            _used += bytes.Length;
            return _block.AsMemory(_used - bytes.Length, bytes.Length);
        }
    }
}
