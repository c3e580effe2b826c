using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>Checks of targets before libtorch sees them: its own message for a wrong label names neither the label nor the place.</summary>
internal static class Targets
{
    /// <summary>Checks class numbers and counts those that aren't ignored.</summary>
    public static long CountClasses(Tensor targets, ReadOnlySpan<long> expectedShape, long classes, long ignoreIndex)
    {
        if (targets.dtype != ScalarType.Int64)
        {
            throw new BadInputException($"Cross entropy needs class numbers of type int64 as targets, these are {targets.dtype}; use mean_squared_error or huber for values.");
        }

        CheckShape(targets, expectedShape);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor onHost = targets.detach().cpu().contiguous();
        ReadOnlySpan<long> numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(onHost.bytes);
        long counted = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            long number = numbers[i];
            if (number == ignoreIndex)
            {
                continue;
            }

            if ((ulong)number >= (ulong)classes)
            {
                throw new BadInputException(
                    $"Target {i} of the batch is class {number}; the model has {classes} classes, 0 to {classes - 1}. Check the labels, or set loss.ignore_index to {number} to leave such targets out.");
            }

            counted++;
        }

        GC.KeepAlive(onHost);
        return counted;
    }

    /// <summary>Checks that targets have the shape of what they are compared with.</summary>
    public static void CheckShape(Tensor targets, ReadOnlySpan<long> expected)
    {
        if (!targets.shape.AsSpan().SequenceEqual(expected))
        {
            throw new BadInputException($"Targets have shape [{string.Join(", ", targets.shape)}]; the model's outputs need [{string.Join(", ", expected.ToArray())}].");
        }
    }
}
