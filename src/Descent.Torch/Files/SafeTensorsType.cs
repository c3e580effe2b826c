using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>The format's names of element types.</summary>
internal static class SafeTensorsType
{
    private static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static string NameOf(ScalarType type)
        => Types.FirstOrDefault(entry => entry.Type == type).Name
            ?? throw new NotSupportedException($"safetensors has no name for {type}; convert the tensor first.");

    public static (ScalarType Type, int Bytes)? Find(string name)
        => Types.FirstOrDefault(entry => entry.Name == name) is { Name: not null } found ? (found.Type, found.Bytes) : null;

    public static int BytesOf(ScalarType type) => Types.First(entry => entry.Type == type).Bytes;
}
