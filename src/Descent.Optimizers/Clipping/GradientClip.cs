using System.Numerics;

namespace Descent.Optimizers;

/// <summary>Clipping of gradients in plain memory, in place, on the calling thread.</summary>
/// <remarks>
/// A training step needs none of these passes where an optimizer takes a gradient scale and a bound along: see <see cref="StepScalars.GradientScale"/>,
/// <see cref="StepScalars.ClipValue"/> and <see cref="TensorSlot.GradientScale"/>.
/// </remarks>
public static unsafe class GradientClip
{
    /// <summary>Bounds every element to ±<paramref name="limit"/>; a NaN stays one (<c>torch.nn.utils.clip_grad_value_</c>).</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="limit">The bound, above 0.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is not above 0.</exception>
    public static void ByValue<T>(Span<T> gradient, double limit) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Require.Positive(limit, nameof(limit));
        _ = Element.TypeOf<T>();
        fixed (T* g = gradient)
        {
            Scaling.Clamp(g, gradient.Length, limit);
        }
    }

    /// <summary>Scales a gradient down to a 2-norm, by max/(norm + 1e-6) as <c>torch.nn.utils.clip_grad_norm_</c>.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="maximum">The largest norm allowed, above 0.</param>
    /// <returns>The norm before.</returns>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximum"/> is not above 0.</exception>
    public static double ByNorm<T>(Span<T> gradient, double maximum) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        _ = Element.TypeOf<T>();
        fixed (T* g = gradient)
        {
            var norm = new GradientNorm(SquareSum.Of(g, gradient.Length), -1);
            double factor = norm.ClipFactor(maximum);
            if (factor < 1)
            {
                Scaling.InPlace(g, gradient.Length, factor);
            }

            return norm.Norm;
        }
    }

    /// <summary>Clips every unit of a gradient by the norm of the unit itself, see <see cref="AdaptiveClipping"/>.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="parameter">The parameter, of the same length.</param>
    /// <param name="units">Rows of a matrix, filters of a convolution, 1 for a vector; divides the length.</param>
    /// <param name="ratio">λ, above 0. Default 0.01 (Brock et al. 2021).</param>
    /// <param name="epsilon">ε, above 0. Default 1e-3 (Brock et al. 2021).</param>
    /// <returns>Norms before and after, and how much was clipped.</returns>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">The lengths differ, or the units don't divide them.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ratio"/> or <paramref name="epsilon"/> is not above 0.</exception>
    public static AdaptiveClipResult Adaptively<T>(Span<T> gradient, ReadOnlySpan<T> parameter, long units, double ratio = 0.01, double epsilon = 1e-3)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (parameter.Length != gradient.Length)
        {
            throw new ArgumentException($"The parameter has {parameter.Length} elements and its gradient {gradient.Length}; give as many of both.", nameof(parameter));
        }

        fixed (T* p = parameter, g = gradient)
        {
            var slot = new TensorSlot { Parameter = p, Gradient = g, Length = gradient.Length, Units = units };
            return new AdaptiveClipping { Ratio = ratio, Epsilon = epsilon }
                .Clip(new ReadOnlySpan<TensorSlot>(in slot), Element.TypeOf<T>(), scale: 1, SingleThread.Instance);
        }
    }
}
