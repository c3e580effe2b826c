using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Models;

namespace Descent.Training;

/// <summary>Clips the gradients of a window, whichever way the options say, and adds noise.</summary>
/// <remarks>
/// The gradients in memory are sums. Everything is about their mean, that is, about what <c>scale</c> makes of them inside the step. The noise comes after
/// clipping: it is divided by what the step will multiply it by.
/// </remarks>
internal sealed class GradientTreatment(Model model, FusedOptimizer optimizer, GradientOptions initial, long seed)
{
    private readonly Func<string, string>? _partOf = initial.ClipEach?.By == ClipPart.Block ? ModelBlocks.Of(model) : null;
    private readonly HashSet<string> _head = initial.ClipAdaptive is null ? [] : HeadOf(model);

    /// <summary>Measures, clips and makes noisy.</summary>
    /// <param name="options">How, at this step: numbers may have changed since the beginning, nothing else.</param>
    /// <param name="scale">What makes a mean of the sums: 1 over the number of targets.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="clipFactor">Multiplies the threshold of whatever clips: a schedule's value.</param>
    public TreatedGradients Apply(GradientOptions options, double scale, long step, double clipFactor)
    {
        TreatedGradients clipped = Clip(options, scale, clipFactor);
        return clipped.NonFinite is null && IsNoisy(options, scale) ? AddNoise(clipped, options.Noise!, step) : clipped;
    }

    /// <summary>The bound on values that is left to the step itself: noise comes after clipping, so with noise there is none.</summary>
    public static double? ClipValueOf(GradientOptions options, double scale, double clipFactor) => IsNoisy(options, scale) ? null : options.ClipValue * clipFactor;

    private static bool IsNoisy(GradientOptions options, double scale) => options.Noise is { Eta: > 0 } && scale > 0;

    private TreatedGradients Clip(GradientOptions options, double scale, double clipFactor)
    {
        var plain = new StepRequest { GradientScale = scale };
        if (options.ClipValue is { } limit)
        {
            ValueClipReport values = optimizer.MeasureValueClip(limit * clipFactor, scale);
            return Treated(plain with { ClipValue = limit * clipFactor }, values.Before, values.Norm * scale, values.Share);
        }

        if (options.ClipAdaptive is { } adaptive)
        {
            AdaptiveClipReport units = optimizer.ClipAdaptively(adaptive.Ratio * clipFactor, adaptive.Epsilon, scale, _head);
            return Treated(plain, units.Before, units.Norm * scale, units.Share);
        }

        if (options.ClipEach is { } each)
        {
            GradientNorms norms = optimizer.GradientNorms();
            GradientFactors factors = norms.ClipEach(each.Norm * clipFactor, scale, _partOf);
            double after = Math.Sqrt(norms.Names.Sum(name => Math.Pow(norms[name] * factors[name], 2)));
            return Treated(plain with { Factors = factors }, norms.Total, after * scale, factors.Share);
        }

        GradientReport all = optimizer.GlobalGradientNorm();
        if (options.ClipNorm is not { } maximum)
        {
            return Treated(plain, all, null, null);
        }

        double factor = all.ClipFactor(maximum * clipFactor, scale);
        return Treated(plain with { GradientScale = scale * factor }, all, all.Norm * scale * factor, factor < 1 ? 1 : 0);

        TreatedGradients Treated(StepRequest request, GradientReport before, double? norm, double? fraction) => new()
        {
            Request = request,
            Norm = before.Norm * scale,
            ClippedNorm = norm,
            ClippedFraction = fraction,
            NonFinite = before.NonFinite,
        };
    }

    private TreatedGradients AddNoise(TreatedGradients clipped, GradientNoiseOptions noise, long step)
    {
        StepRequest request = clipped.Request;
        double deviation = Math.Sqrt(GradientNoise.VarianceAt(noise.Eta, step, noise.Gamma));
        optimizer.AddGradientNoise(name =>
        {
            double scale = request.GradientScale * (request.Factors?[name] ?? 1);
            return new NoiseStream(deviation / scale, NoiseStream.KeyOf(seed, step, name), request.ClipValue / scale);
        });

        // The bound was the noise pass's: the noise itself is not to be bounded.
        return clipped with { Request = request with { ClipValue = null } };
    }

    // The paper leaves the last linear layer out: its weight, and a bias beside it.
    private static HashSet<string> HeadOf(Model model)
    {
        string[] names = [.. model.named_parameters().Select(static entry => entry.name)];
        HashSet<string> layers = [.. names.Where(name => model.RoleOf(name) == ParameterRole.Head).Select(LayerOf)];
        return [.. names.Where(name => layers.Contains(LayerOf(name)))];
    }

    private static string LayerOf(string name) => name.LastIndexOf('.') is var dot and >= 0 ? name[..dot] : name;
}
