using Descent.Optimizers;

namespace Descent.Gpu.Tests.Comparing;

/// <summary>Steps of a rule by a card's kernel beside the same steps by the processor's scalar lane.</summary>
internal static class BitComparison
{
    private const int Steps = 3;

    /// <summary>Lengths around the four elements of a thread and the 1,024 of a block.</summary>
    public static int[] Lengths => [0, 1, 3, 4, 5, 37, 1027];

    /// <summary>Lengths around the pieces that tensors are cut into.</summary>
    public static int[] PieceLengths => [Piece.Elements, 7, Piece.Elements + 6, (2 * Piece.Elements) + 1];

    /// <summary>Where the kernel's results first differ in a bit, or null.</summary>
    /// <param name="options">The rule.</param>
    /// <param name="scalars">The numbers of a step.</param>
    /// <param name="launcher">Runs the kernel.</param>
    /// <param name="lengths">Of the tensors.</param>
    /// <param name="shift">Elements by which every second tensor is off a multiple of 16 bytes.</param>
    /// <param name="mirror">Where the kernel works; in this process's memory if null.</param>
    /// <param name="change">Changes values before every step.</param>
    public static string? FirstDifference(
        OptimizerOptions options,
        Func<long, StepScalars> scalars,
        ILauncher launcher,
        int[] lengths,
        int shift,
        Func<HostTensors, IMirror>? mirror = null,
        Action<HostTensors>? change = null)
    {
        using HostTensors expected = new(options, lengths, shift), actual = new(options, lengths, shift);
        using IMirror seen = mirror?.Invoke(actual) ?? new SameMemory(actual);
        UpdateKernel scalar = options.CreateKernel();
        scalar.Width = LaneWidth.Scalar;
        var kernel = new RuleKernel(options.CreateKernel(), launcher);
        for (long step = 1; step <= Steps; step++)
        {
            StepScalars onProcessor = expected.Begin(scalars(step)), onCard = actual.Begin(scalars(step));
            change?.Invoke(expected);
            change?.Invoke(actual);
            scalar.Update(expected.Slots, ElementType.Float32, onProcessor, SingleThread.Instance);
            seen.Send();
            kernel.Update(seen.Slots, onCard, 0);
            seen.Fetch();
            if (actual.FirstDifference(expected) is { } difference)
            {
                return $"step {step}: {difference}";
            }
        }

        return null;
    }

    /// <summary>Puts infinities and a NaN of either sign among gradients and parameters of a tensor that is long enough.</summary>
    public static void MakeNonFinite(HostTensors tensors)
    {
        for (int tensor = 0; tensor < tensors.Slots.Length; tensor++)
        {
            if (tensors.Slots[tensor].Length >= 9)
            {
                Span<float> gradient = tensors.Gradient(tensor), parameter = tensors.Parameter(tensor);
                (gradient[1], gradient[3], gradient[5]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
                (parameter[2], parameter[6], parameter[8]) = (-float.NaN, float.PositiveInfinity, float.NegativeInfinity);
            }
        }
    }
}
