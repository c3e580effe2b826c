using System.Runtime.InteropServices;
using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>The codes and scales that a saved state consists of.</summary>
internal sealed record SavedEncoding(StateCodec Codec, bool NonNegative, SavedTensor Codes, SavedTensor Scales)
{
    /// <summary>Makes one state of the two tensors under which it is saved: read as one, it is decoded.</summary>
    /// <exception cref="InvalidDataException">They are not there, or don't fit its shape.</exception>
    public static void Join(string path, Dictionary<string, SavedTensor>? states, string state, OptimizerFileContent.EncodedState described)
    {
        StateCodec codec = StateCodec.All.FirstOrDefault(codec => codec.HasScales && codec.Name == described.Codec)
            ?? throw new InvalidDataException($"{path}: '{state}' is stored as '{described.Codec}', which this version doesn't know; use the version that wrote it, or a newer one");
        long length = described.Shape.Aggregate(1L, static (product, extent) => product * extent);
        if (states is null
            || !states.Remove(EncodedName.Codes(state, codec.Format), out SavedTensor? codes)
            || !states.Remove(EncodedName.Scales(state, codec.Format), out SavedTensor? scales)
            || codes.Shape is not [var bytes] || bytes != codec.CodeBytes(length) || codes.Type != ScalarType.Byte
            || scales.Shape is not [var count] || count != codec.Scales(length) || scales.Type != ScalarType.Float32)
        {
            throw new InvalidDataException($"{path}: the codes and scales of '{state}' are missing or not of its shape; the file is damaged, take another copy");
        }

        var encoding = new SavedEncoding(codec, described.NonNegative, codes, scales);
        states[state] = new SavedTensor(described.Shape, ScalarType.Float32, () => encoding.Decode(described.Shape)) { Encoding = encoding };
    }

    private Tensor Decode(long[] shape)
    {
        using Tensor codes = Codes.Read(), scales = Scales.Read();
        Tensor values = empty(shape, ScalarType.Float32);
        Codec.Decode(codes.bytes, MemoryMarshal.Cast<byte, float>(scales.bytes), MemoryMarshal.Cast<byte, float>(values.bytes), NonNegative);
        return values;
    }
}
