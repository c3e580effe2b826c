using Descent.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Clips every unit by its own norm: flat tensors in one pass, others through libtorch.</summary>
internal sealed class AdaptiveClipPass
{
    private readonly AdaptiveClipping _singles = new();
    private readonly AdaptiveClipping _doubles = new();

    /// <summary>Clips, and adds up what was found.</summary>
    public AdaptiveClipReport Clip(GradientSlots slots, double ratio, double epsilon, double scale, IParallelRunner threads)
    {
        AdaptiveClipResult singles = Clip(_singles, slots.Singles, ratio, epsilon, scale, threads);
        AdaptiveClipResult doubles = Clip(_doubles, slots.Doubles, ratio, epsilon, scale, threads);
        var others = new AdaptiveClipResult(new GradientNorm(0, -1), 0, 0, 0);
        string? otherName = null;
        foreach (ParameterState parameter in slots.Others)
        {
            AdaptiveClipResult one = ThroughOperators(parameter, ratio, epsilon, scale);
            others = Sum(others, one);
            otherName ??= double.IsFinite(one.Before.SumOfSquares) ? null : parameter.Name;
        }

        AdaptiveClipResult all = Sum(Sum(singles, doubles), others);
        string? name = singles.Before.IsFinite ? null : slots.Singles.Owners[singles.Before.FirstNonFinite].Name;
        name ??= doubles.Before.IsFinite ? null : slots.Doubles.Owners[doubles.Before.FirstNonFinite].Name;
        return new AdaptiveClipReport(new GradientReport(all.Before.Norm, name ?? otherName), all.Norm, all.Units, all.Clipped);
    }

    private static AdaptiveClipResult Clip(
        AdaptiveClipping clipping, SlotList list, double ratio, double epsilon, double scale, IParallelRunner threads)
    {
        (clipping.Ratio, clipping.Epsilon) = (ratio, epsilon);
        return clipping.Clip(list.Slots, list.Type, scale, threads);
    }

    private static AdaptiveClipResult ThroughOperators(ParameterState parameter, double ratio, double epsilon, double scale)
    {
        AdaptiveClipResult result = default;
        GradientSlots.Replace(parameter, gradient =>
        {
            using Scalar factor = Math.Abs(scale).ToScalar(), smallest = epsilon.ToScalar(), largest = ratio.ToScalar();
            long units = parameter.Units;
            Tensor g_UN = gradient.reshape(units, -1).to(ScalarType.Float64);
            Tensor p_UN = parameter.Parameter.detach().reshape(units, -1).to(ScalarType.Float64);
            Tensor before_U = g_UN.square().sum([1]);
            Tensor norm_U = before_U.sqrt().mul(factor);
            Tensor limit_U = p_UN.square().sum([1]).sqrt().clamp_min(smallest).mul(largest);
            Tensor clipped_U = norm_U.gt(limit_U).logical_and(norm_U.isfinite());
            Tensor factor_U = where(clipped_U, limit_U.div(norm_U), ones_like(norm_U));
            result = new AdaptiveClipResult(
                new GradientNorm(before_U.sum().item<double>(), -1),
                before_U.mul(factor_U.square()).sum().item<double>(),
                units,
                clipped_U.sum().item<long>());
            return g_UN.mul(factor_U.unsqueeze(1)).to(gradient.dtype).reshape(gradient.shape);
        });
        return result;
    }

    private static AdaptiveClipResult Sum(AdaptiveClipResult a, AdaptiveClipResult b) => new(
        new GradientNorm(a.Before.SumOfSquares + b.Before.SumOfSquares, -1),
        a.SumOfSquares + b.SumOfSquares,
        a.Units + b.Units,
        a.Clipped + b.Clipped);
}
