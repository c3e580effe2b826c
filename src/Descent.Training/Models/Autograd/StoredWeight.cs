using Descent.Torch;
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

    [ThreadStatic]
    private static MappedArena? _arena;

    /// <summary>A parameter's elements of zeros, or ones, where and how layers made on this thread store them.</summary>
    public static Tensor New(long[] shape, bool ones)
    {
        ScalarType type = _narrow && shape.Length > 1 ? ScalarType.BFloat16 : ScalarType.Float32;
        Tensor tensor = _arena?.Allocate(shape, type) ?? zeros(shape, type);
        return ones ? tensor.fill_(GradientSink.One) : tensor;
    }

    /// <summary>Builds a model whose matrices are stored in bfloat16, whose parameters lie in a scratch file, or both.</summary>
    public static Model Build(Func<Model> build, bool narrow, MappedArena? arena)
    {
        (_narrow, _arena) = (narrow, arena);
        try
        {
            return build();
        }
        finally
        {
            (_narrow, _arena) = (false, null);
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
