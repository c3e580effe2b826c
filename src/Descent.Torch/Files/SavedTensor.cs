using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>A tensor in an open file: its shape and type are known, its elements are read when asked for.</summary>
public sealed class SavedTensor
{
    private readonly long[] _shape;
    private readonly Func<Tensor> _read;

    internal SavedTensor(long[] shape, ScalarType type, Func<Tensor> read) => (_shape, Type, _read) = (shape, type, read);

    /// <summary>Its sizes.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>Its element type.</summary>
    public ScalarType Type { get; }

    /// <summary>Whether the writer saves it used or not, so that a rule without such a state may leave it.</summary>
    internal bool IsSpare { get; init; }

    /// <summary>The codes that it is decoded from; null where the file holds its values.</summary>
    internal SavedEncoding? Encoding { get; init; }

    /// <summary>Reads it into a new tensor on the CPU, which is the caller's to dispose.</summary>
    /// <exception cref="InvalidDataException">The file ends before its data does.</exception>
    public Tensor Read() => _read();
}
