using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>A file that <c>torch.save</c> of PyTorch wrote: a zip archive with the objects as a pickle and the numbers of each tensor beside it.</summary>
/// <remarks>
/// Layout (PyTorch 1.6 and later): <c>NAME/data.pkl</c>, <c>NAME/data/0</c> …, <c>NAME/version</c>, and since 2.1 <c>NAME/byteorder</c>. Tensors are read when
/// asked for. No code runs: see <see cref="Unpickler"/>.
/// </remarks>
internal sealed class TorchArchive : IDisposable
{
    private const long LongestPickle = 1 << 30;

    private readonly string _path;
    private readonly ZipArchive _zip;
    private readonly string _folder;

    private TorchArchive(string path, ZipArchive zip)
    {
        (_path, _zip) = (path, zip);
        ZipArchiveEntry pickle = zip.Entries.Where(entry => entry.Name == "data.pkl").MinBy(entry => entry.FullName.Length)
            ?? throw Damaged("it is a zip archive without a data.pkl; a file of torch.save has one");
        _folder = pickle.FullName[..^"data.pkl".Length];
        if (zip.GetEntry(_folder + "byteorder") is { } order && Encoding.UTF8.GetString(Bytes(order)).Trim() is var name && name != "little")
        {
            throw Damaged($"its numbers are in {name}-endian byte order; save it on a little-endian machine");
        }

        try
        {
            Root = new Unpickler(Bytes(pickle), Reduce, TorchStorage.From).Read();
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(exception.Message);
        }
    }

    /// <summary>What was saved.</summary>
    public object? Root { get; }

    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged or not written by torch.save.</exception>
    public static TorchArchive Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return new TorchArchive(path, new ZipArchive(file, ZipArchiveMode.Read));
        }
        catch (InvalidDataException exception)
        {
            file?.Dispose();
            throw exception.Message.StartsWith(path, StringComparison.Ordinal)
                ? exception
                : new InvalidDataException($"{path}: cannot be read as a file of torch.save ({exception.Message.TrimEnd('.')}); take another copy", exception);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>A tensor as one that can be read.</summary>
    public SavedTensor Bind(TorchTensor tensor) => new(tensor.Shape, tensor.Storage.Type, () => Read(tensor));

    public void Dispose() => _zip.Dispose();

    private Tensor Read(TorchTensor tensor)
    {
        TorchStorage storage = tensor.Storage;
        int width = SafeTensorsType.BytesOf(storage.Type);
        ZipArchiveEntry entry = _zip.GetEntry($"{_folder}data/{storage.Key}") ?? throw Damaged($"the numbers of storage {storage.Key} are missing");
        long extent = tensor.Extent;
        if (entry.Length / width < storage.Length)
        {
            throw Damaged($"storage {storage.Key} has {entry.Length} bytes instead of {storage.Length} times {width}");
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor flat = empty(extent, dtype: storage.Type);
        using (Stream stream = entry.Open())
        {
            Skip(stream, tensor.Offset * width);
            TensorBytes.Read(stream, flat, _path);
        }

        return (extent == 0 ? flat.view(tensor.Shape) : flat.as_strided(tensor.Shape, tensor.Strides)).contiguous().MoveToOuterDisposeScope();
    }

    private static void Skip(Stream stream, long count)
    {
        var buffer = new byte[Math.Min(count, 1 << 20)];
        while (count > 0)
        {
            stream.ReadExactly(buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)));
            count -= Math.Min(count, buffer.Length);
        }
    }

    private byte[] Bytes(ZipArchiveEntry entry)
    {
        if (entry.Length > LongestPickle)
        {
            throw Damaged($"its {entry.Name} is {entry.Length} bytes long");
        }

        var bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    // The few functions that data of torch.save is made with; everything else stays what it is, a name with arguments.
    private static object? Reduce(PickleGlobal function, object?[] arguments) => (function.Module, function.Name, arguments) switch
    {
        ("collections", "OrderedDict", _) => new OrderedDictionary<object, object?>(),
        ("collections", "defaultdict", _) => new OrderedDictionary<object, object?>(),
        ("torch._utils", "_rebuild_tensor_v2" or "_rebuild_tensor", [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]) =>
            View(storage, offset, shape, strides),
        ("torch._utils", "_rebuild_parameter" or "_rebuild_parameter_with_state", [TorchTensor data, ..]) => data,
        ("torch._tensor", "_rebuild_from_type_v2", [PickleGlobal inner, _, object?[] innerArguments, ..]) when inner.Module == "torch._utils" =>
            Reduce(inner, innerArguments),
        ("torch", "Size", [object?[] sizes]) => sizes,
        _ => new PickleObject(function, arguments),
    };

    private static TorchTensor View(TorchStorage storage, long offset, object?[] shape, object?[] strides)
    {
        long[] sizes = [.. shape.Cast<long>()], steps = [.. strides.Cast<long>()];
        var view = new TorchTensor(storage, offset, sizes, steps);
        return offset >= 0 && offset <= storage.Length && sizes.Length == steps.Length && sizes.All(size => size >= 0) && steps.All(step => step >= 0)
            && view.Extent <= storage.Length - offset
                ? view
                : throw new InvalidDataException(
                    $"a tensor of sizes [{string.Join(", ", sizes)}], strides [{string.Join(", ", steps)}] and offset {offset} lies outside its storage of {storage.Length}");
    }

    private InvalidDataException Damaged(string why) => new($"{_path}: not a sound file of torch.save: {why}");
}
