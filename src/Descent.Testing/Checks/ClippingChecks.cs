using System.Numerics;
using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>What is done to a gradient before a rule sees it.</summary>
internal static class ClippingChecks
{
    // Powers of two, so that scaling here and in the kernel round alike: not at all.
    private const double Scale = 0.25;
    private const double OwnScale = 0.5;
    private const double Limit = 0.03125;

    private static readonly int[] Lengths = [257, 0, 3, 20_000];

    /// <summary>A step with scales and a bound has the bits of a plain step with gradients that were scaled and bounded before.</summary>
    public static void ComesBeforeTheRule(OptimizerOptions options)
    {
        Check<float>(options, Limit);
        Check<double>(options, Limit);
        Check<float>(options, null);
        Check<double>(options, null);
    }

    private static void Check<T>(OptimizerOptions options, double? limit) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Tensors<T> inKernel = new(options, Lengths);
        using Tensors<T> before = new(options, Lengths);
        UpdateKernel kernel = options.CreateKernel();
        UpdateKernel plain = options.CreateKernel();

        // The first tensor alone, so that slots with and without a scale of their own meet in one call.
        inKernel.Slots[0] = inKernel.Slots[0] with { GradientScale = OwnScale };
        for (long step = 1; step <= 3; step++)
        {
            inKernel.SetGradients(step);
            inKernel.Update(kernel, options.Scalars(step) with { GradientScale = Scale, ClipValue = limit });
            before.SetGradients(step);
            for (int tensor = 0; tensor < Lengths.Length; tensor++)
            {
                Clip(before.Gradient(tensor), tensor == 0 ? Scale * OwnScale : Scale, limit);
            }

            before.Update(plain, options.Scalars(step));
        }

        // The gradients themselves differ, as they should.
        inKernel.SetGradients(1);
        before.SetGradients(1);
        inKernel.RequireSameBits(before, $"scaled by the kernel{(limit is null ? "" : " and bounded")}, against scaled before");
    }

    private static void Clip<T>(Span<T> gradient, double scale, double? limit) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            double scaled = double.CreateChecked(gradient[i]) * scale;

            // + 0.0: a negative zero would be none behind the kernel's own additions.
            gradient[i] = T.CreateChecked((limit is { } bound ? Math.Clamp(scaled, -bound, bound) : scaled) + 0.0);
        }
    }
}
