using System.Numerics;
using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>The scalar lane is the reference; every other way through the formula has its bits.</summary>
internal static class WidthChecks
{
    private const int Steps = 3;

    /// <summary>Every length around every width, and a few more: 0 … 257; a long vector, and five rows longer than what sums of rows take at a time.</summary>
    private static readonly int[] Lengths = [.. Enumerable.Range(0, 258), 1031, 1465];

    private static readonly LaneWidth[] Widths = [LaneWidth.Bits128, LaneWidth.Bits256, LaneWidth.Bits512, LaneWidth.Widest];

    public static void SameBitsAtEveryWidth(OptimizerOptions options)
    {
        foreach ((string form, Func<long, StepScalars> scalars) in Forms(options))
        {
            CompareWidths<float>(options, scalars, form, shift: 0);
            CompareWidths<double>(options, scalars, form, shift: 0);
        }
    }

    public static void SameBitsFromUnalignedMemory(OptimizerOptions options)
    {
        CompareWidths<float>(options, options.Scalars, "unaligned", shift: 1);
        CompareWidths<double>(options, options.Scalars, "unaligned", shift: 3);
    }

    /// <summary>A rule with sums has no meaning for single elements and must say so.</summary>
    public static void ApplyEqualsUpdate(OptimizerOptions options)
    {
        if (options.Scope != UpdateScope.Element)
        {
            RequireRefusal(options);
            return;
        }

        foreach ((string form, Func<long, StepScalars> scalars) in Forms(options))
        {
            CompareApply<float>(options, scalars, form);
            CompareApply<double>(options, scalars, form);
        }
    }

    public static ulong Digest(OptimizerOptions options)
    {
        ulong digest = 14695981039346656037;
        foreach ((_, Func<long, StepScalars> scalars) in Forms(options))
        {
            digest = Digest<float>(options, scalars, digest);
            digest = Digest<double>(options, scalars, digest);
        }

        return digest;
    }

    /// <summary>The forms of a step that take a way of their own through the kernel.</summary>
    private static IEnumerable<(string Form, Func<long, StepScalars> Scalars)> Forms(OptimizerOptions options)
    {
        yield return ("plain", step => options.Scalars(step) with { WeightDecay = 0 });
        yield return ("scaled, with weight decay", step => options.Scalars(step) with { WeightDecay = 0.05, GradientScale = 0.3 });
        yield return ("elastic net", step => options.Scalars(step) with { WeightDecay = 0.05, GradientScale = 1.7, L1 = 0.01, L2 = 0.02 });
    }

    private static void CompareWidths<T>(OptimizerOptions options, Func<long, StepScalars> scalars, string form, int shift)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Tensors<T> reference = new(options, Lengths);
        reference.Run(Kernel(options, LaneWidth.Scalar), scalars, 1, Steps);
        foreach (LaneWidth width in Widths)
        {
            using Tensors<T> wide = new(options, Lengths, shift);
            wide.Run(Kernel(options, width), scalars, 1, Steps);
            wide.RequireGuards($"{form}, {width}");
            wide.RequireSameBits(reference, $"{form}, {width} against scalar");
        }
    }

    private static void CompareApply<T>(OptimizerOptions options, Func<long, StepScalars> scalars, string form)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] lengths = [37];
        using Tensors<T> updated = new(options, lengths);
        updated.Run(options.CreateKernel(), scalars, 1, Steps);
        using Tensors<T> applied = new(options, lengths);
        UpdateKernel kernel = options.CreateKernel();
        for (long step = 1; step <= Steps; step++)
        {
            applied.SetGradients(step);
            ApplyEach(applied, kernel, options.State.Count, applied.Begin(scalars(step)));
        }

        applied.RequireSameBits(updated, $"{form}, Apply against Update");
    }

    private static void RequireRefusal(OptimizerOptions options)
    {
        try
        {
            ScalarLane<double> parameter = new(1);
            options.CreateKernel().Apply(ref parameter, new ScalarLane<double>(1), new ScalarLane<double>[options.State.Count], options.Scalars(1));
        }
        catch (NotSupportedException)
        {
            return;
        }

        throw new ContractException($"A rule of scope {options.Scope} ran over a single element; Apply must throw NotSupportedException.");
    }

    private static void ApplyEach<T>(Tensors<T> tensors, UpdateKernel kernel, int states, StepScalars scalars)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<ScalarLane<T>> state = new ScalarLane<T>[states];
        for (int index = 0; index < tensors.Parameter(0).Length; index++)
        {
            ScalarLane<T> parameter = new(tensors.Parameter(0)[index]);
            for (int number = 0; number < states; number++)
            {
                state[number] = new(tensors.State(0, number)[index]);
            }

            kernel.Apply(ref parameter, new ScalarLane<T>(tensors.Gradient(0)[index]), state, scalars);
            tensors.Parameter(0)[index] = parameter.Value;
            for (int number = 0; number < states; number++)
            {
                tensors.State(0, number)[index] = state[number].Value;
            }
        }
    }

    /// <summary>Fowler, Noll and Vo's FNV-1a over all parameters.</summary>
    private static ulong Digest<T>(OptimizerOptions options, Func<long, StepScalars> scalars, ulong digest)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Tensors<T> tensors = new(options, Lengths);
        tensors.Run(Kernel(options, LaneWidth.Widest), scalars, 1, Steps);
        for (int tensor = 0; tensor < Lengths.Length; tensor++)
        {
            foreach (byte value in MemoryMarshal.AsBytes(tensors.Parameter(tensor)))
            {
                digest = (digest ^ value) * 1099511628211;
            }
        }

        return digest;
    }

    private static UpdateKernel Kernel(OptimizerOptions options, LaneWidth width)
    {
        UpdateKernel kernel = options.CreateKernel();
        kernel.Width = width;
        return kernel;
    }
}
