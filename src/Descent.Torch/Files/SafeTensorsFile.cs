using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>An open safetensors file: its names and shapes at once, its tensors when asked for.</summary>
public sealed class SafeTensorsFile : IDisposable
{
    // The reference reader's own limit; a larger length is a damaged or foreign file.
    private const long LargestHeader = 100_000_000;

    private readonly FileStream _file;
    private readonly string _path;
    private readonly long _dataStart;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafeTensorsFile(string path, FileStream file)
    {
        _path = path;
        _file = file;
        _dataStart = ReadHeader();
    }

    private sealed record Entry(ScalarType Type, long[] Shape, long Start, long End);

    /// <summary>The tensors' names, in the order of their data.</summary>
    public IReadOnlyList<string> Names => _entries.OrderBy(pair => pair.Value.Start).Select(pair => pair.Key).ToArray();

    /// <summary>The header's free text entries.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Opens a file and checks its whole header.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged or not in the format.</exception>
    public static SafeTensorsFile Open(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be opened ({exception.Message}); give the path of a .safetensors file", exception);
        }

        try
        {
            return new SafeTensorsFile(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file has a tensor of this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The sizes of a tensor.</summary>
    /// <exception cref="InvalidDataException">There is no tensor of this name.</exception>
    public IReadOnlyList<long> ShapeOf(string name) => Find(name).Shape;

    /// <summary>The element type of a tensor.</summary>
    /// <exception cref="InvalidDataException">There is no tensor of this name.</exception>
    public ScalarType TypeOf(string name) => Find(name).Type;

    /// <summary>Reads a tensor into a new one on the CPU, with the file's element type.</summary>
    /// <exception cref="InvalidDataException">There is no tensor of this name, or the file ends early.</exception>
    public Tensor Read(string name)
    {
        Entry entry = Find(name);
        Tensor tensor = empty(entry.Shape, dtype: entry.Type);
        Fill(tensor, entry);
        return tensor;
    }

    /// <summary>Reads a tensor into <paramref name="destination"/>, converting the element type where it differs.</summary>
    /// <exception cref="InvalidDataException">There is no tensor of this name, its shape differs, or the file ends early.</exception>
    public void ReadInto(string name, Tensor destination)
    {
        Entry entry = Find(name);
        if (!entry.Shape.AsSpan().SequenceEqual(destination.shape))
        {
            throw new InvalidDataException($"{_path}: '{name}' has shape [{string.Join(", ", entry.Shape)}], "
                + $"but [{string.Join(", ", destination.shape)}] is needed; the file belongs to a model of other sizes");
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        if (entry.Type == destination.dtype && destination.device_type == DeviceType.CPU && destination.is_contiguous())
        {
            Fill(destination.detach(), entry);
        }
        else
        {
            destination.copy_(Read(name));
        }

        MappedArena.Release(destination);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Fill(Tensor tensor, Entry entry)
    {
        _file.Position = _dataStart + entry.Start;
        TensorBytes.Read(_file, tensor, _path);
    }

    private Entry Find(string name)
        => _entries.TryGetValue(name, out Entry? entry) ? entry : throw new InvalidDataException($"{_path}: there is no tensor '{name}'");

    private long ReadHeader()
    {
        long length = 0;
        Span<byte> prefix = stackalloc byte[8];
        if (_file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) == 8)
        {
            length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        }

        if (length is < 2 or > LargestHeader || length > _file.Length - 8)
        {
            throw Damaged($"its header would be {length} bytes of a file of {_file.Length}");
        }

        var bytes = new byte[length];
        _file.ReadExactly(bytes);
        try
        {
            using JsonDocument header = JsonDocument.Parse(bytes);
            foreach (JsonProperty property in header.RootElement.EnumerateObject())
            {
                ReadHeaderEntry(property);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Damaged($"its header is not valid ({exception.Message})");
        }

        CheckRanges(_file.Length - 8 - length);
        return 8 + length;
    }

    private void ReadHeaderEntry(JsonProperty property)
    {
        if (property.NameEquals("__metadata__"))
        {
            foreach (JsonProperty item in property.Value.EnumerateObject())
            {
                _metadata[item.Name] = item.Value.GetString() ?? "";
            }

            return;
        }

        string typeName = property.Value.GetProperty("dtype").GetString() ?? "";
        (ScalarType type, int bytes) = SafeTensorsType.Find(typeName) ?? throw Damaged($"'{property.Name}' has the unknown element type '{typeName}'");
        long[] shape = property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
        long[] range = property.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
        if (range.Length != 2 || shape.Any(size => size < 0))
        {
            throw Damaged($"'{property.Name}' has no sound shape and place");
        }

        decimal expected = shape.Aggregate((decimal)bytes, (product, size) => product * size);
        if (expected != (decimal)range[1] - range[0])
        {
            throw Damaged($"'{property.Name}' takes {expected} bytes, but {(decimal)range[1] - range[0]} are given to it");
        }

        if (!_entries.TryAdd(property.Name, new Entry(type, shape, range[0], range[1])))
        {
            throw Damaged($"'{property.Name}' is named twice");
        }
    }

    private void CheckRanges(long dataBytes)
    {
        long end = 0;
        foreach ((string name, Entry entry) in _entries.OrderBy(pair => pair.Value.Start).ThenBy(pair => pair.Value.End))
        {
            if (entry.Start != end)
            {
                throw Damaged($"'{name}' starts at byte {entry.Start} of the data instead of {end}");
            }

            end = entry.End;
        }

        if (end != dataBytes)
        {
            throw Damaged($"its tensors take {end} bytes, but {dataBytes} are there");
        }
    }

    private InvalidDataException Damaged(string why)
        => new($"{_path}: not a sound safetensors file: {why}; it is damaged or of another format, take another copy");
}
