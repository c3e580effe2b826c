using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Weights that take fewer bytes where they lie than where they are computed with: bfloat16 beside float32 activations. A function widens its weight for its own product
/// and lets go of it, so a wide copy of one layer exists at a time.
/// </summary>
internal static class StoredWeight
{
    [ThreadStatic]
    private static bool _narrow;

    /// <summary>The type that matrices of layers made on this thread get.</summary>
    public static ScalarType TypeFor(long[] shape) => _narrow && shape.Length > 1 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>Builds a model with its matrices in bfloat16.</summary>
    public static Model BuildNarrow(Func<Model> build)
    {
        _narrow = true;
        try
        {
            return build();
        }
        finally
        {
            _narrow = false;
        }
    }

    /// <summary>The weight outside of autograd in the type to compute with, until it is disposed: bfloat16 becomes float32, others are an alias.</summary>
    public static WideRoom Widen(Tensor weight)
    {
        if (weight.dtype != ScalarType.BFloat16)
        {
            return new WideRoom(weight.detach(), rented: false);
        }

        WideRoom wide = WideRoom.Rent(weight.shape, weight.device);
        using Tensor detached = weight.detach();
        wide.Tensor.copy_(detached);
        return wide;
    }
}
