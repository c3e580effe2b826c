using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Numbers that lie one behind the other in a file of <c>torch.save</c>.</summary>
/// <param name="Key">The name of the archive's entry that holds them.</param>
/// <param name="Type">Their type.</param>
/// <param name="Length">How many there are.</param>
internal sealed record TorchStorage(string Key, ScalarType Type, long Length)
{
    private static readonly Dictionary<string, ScalarType> Types = new(StringComparer.Ordinal)
    {
        ["DoubleStorage"] = ScalarType.Float64,
        ["FloatStorage"] = ScalarType.Float32,
        ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16,
        ["LongStorage"] = ScalarType.Int64,
        ["IntStorage"] = ScalarType.Int32,
        ["ShortStorage"] = ScalarType.Int16,
        ["CharStorage"] = ScalarType.Int8,
        ["ByteStorage"] = ScalarType.Byte,
        ["BoolStorage"] = ScalarType.Bool,
    };

    /// <summary>From what the pickle refers to: ("storage", type, key, device, length). Null for anything else.</summary>
    public static TorchStorage? From(object? reference) =>
        reference is object?[] and ["storage", PickleGlobal { Name: { } type }, string key, _, long length] && Types.TryGetValue(type, out ScalarType found)
            ? new TorchStorage(key, found, length)
            : null;
}

/// <summary>A tensor in a file of <c>torch.save</c>: a view into a storage.</summary>
/// <param name="Storage">Where its elements lie.</param>
/// <param name="Offset">The first element.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Strides">Elements from one to the next along each dimension.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Elements of the storage from the first to the last that the view touches.</summary>
    public long Extent => Shape.Contains(0) ? 0 : 1 + Shape.Zip(Strides, static (size, stride) => checked((size - 1) * stride)).Sum();
}
