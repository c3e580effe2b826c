using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Models;

namespace Descent.Training.Parametrization;

/// <summary>
/// muP's scaling of learning rates, weight decay and ε for one model that is m times as wide as the one its settings are meant for (Yang et al. 2022, arXiv 2203.03466, table 8; for Muon the
/// spectral condition, Yang, Simon and Bernstein 2023, arXiv 2310.17813). <c>docs/mup.md</c> has the equations.
/// </summary>
internal sealed class MaximalUpdate(Model model, double widthRatio) : IRuleScaling
{
    private const string HiddenPart = "hidden";
    private const string FixedPart = "fixed";

    /// <summary>The scaling of a model; null where it is in standard parametrization.</summary>
    /// <exception cref="BadInputException">Something in the options doesn't keep its meaning at another width.</exception>
    public static MaximalUpdate? Of(Model model, TrainingOptions options)
    {
        if (model.WidthRatio is not { } ratio)
        {
            return null;
        }

        string[] faults = [.. Faults(options)];
        return faults.Length == 0
            ? new MaximalUpdate(model, ratio)
            : throw new BadInputException($"model.parametrization is mup, under which these settings don't keep their meaning at another width: {string.Join("; ", faults)}");
    }

    public RuleScale ScaleOf(string parameter, IReadOnlyList<long> shape, OptimizerOptions options)
    {
        RuleFamily family = RuleFamilies.Of(options) ?? throw new ArgumentException(
            $"model.parametrization is mup, and for '{options.Kind}' no scaling with the width is known here; take one of {string.Join(", ", RuleFamilies.Names)}, or parametrization standard");
        if (options.WeightDecay > 0 && RuleFamilies.NormalizesDecay(options))
        {
            throw new ArgumentException(
                $"model.parametrization is mup, and '{options.Kind}' adds its weight_decay of {options.WeightDecay} to the gradient before it divides by the gradient's size: no factor keeps its strength at another width; "
                + "set it to 0, or take a rule that decays the weights themselves, such as adamw");
        }

        if (widthRatio == 1)
        {
            return RuleScale.None;
        }

        WidthKind kind = model.WidthKindOf(parameter);
        double rate = family switch
        {
            RuleFamily.Adam => kind == WidthKind.Hidden ? 1 / widthRatio : 1,
            RuleFamily.Sgd => kind is WidthKind.Input or WidthKind.Output ? widthRatio : 1,
            _ => MuonFactor((MuonOptions)options, kind, shape),
        };
        string? part = kind switch
        {
            WidthKind.Hidden => HiddenPart,
            WidthKind.Fixed => FixedPart,
            _ => null,
        };
        return new RuleScale(part, rate, family == RuleFamily.Adam && kind != WidthKind.Fixed ? 1 / widthRatio : 1);
    }

    public OptimizerOptions Apply(OptimizerOptions options, RuleScale scale)
    {
        if (scale == RuleScale.None)
        {
            return options;
        }

        // ASGD's rate falls with κγt, which is to stay as γλ is.
        OptimizerOptions scaled = options is AsgdOptions averaged ? averaged with { RateDecay = averaged.RateDecay / scale.RateFactor } : options;
        return RuleFamilies.ForGradients(scaled, scale.EpsilonFactor) with
        {
            LearningRate = options.LearningRate * scale.RateFactor,
            WeightDecay = options.WeightDecay / scale.RateFactor,
        };
    }

    /// <summary>The update's largest singular value is to be as √(outputs/inputs) at every width; what the rule itself does about its shape is taken out.</summary>
    private double MuonFactor(MuonOptions options, WidthKind kind, IReadOnlyList<long> shape)
    {
        if (kind == WidthKind.Hidden)
        {
            // In closed form: matrices of all shapes are one group.
            return options.RateAdjustment == MuonRate.Original ? 1 : 1 / Math.Sqrt(widthRatio);
        }

        (double rows, double columns) = (shape[0], shape[1]);
        double baseRows = kind == WidthKind.Input ? rows / widthRatio : rows;
        double baseColumns = kind == WidthKind.Output ? columns / widthRatio : columns;
        double wanted = Math.Sqrt(rows / baseRows * (baseColumns / columns));
        return wanted * Adjustment(options, baseRows, baseColumns) / Adjustment(options, rows, columns);
    }

    private static double Adjustment(MuonOptions options, double rows, double columns) =>
        options.RateAdjustment == MuonRate.Original ? Math.Sqrt(Math.Max(1, rows / columns)) : Math.Sqrt(Math.Max(rows, columns));

    private static IEnumerable<string> Faults(TrainingOptions options)
    {
        if (options.Regularization.L1 > 0 || options.Regularization.L2 > 0)
        {
            yield return "regularization.l1 and l2 (take optimizer.weight_decay)";
        }

        if (options.Gradients is { ClipValue: not null } or { ClipEach: not null } or { ClipAdaptive: not null })
        {
            yield return "gradients.clip_value, clip_each and clip_adaptive (clip_norm does)";
        }

        if (options.Gradients.Noise is not null)
        {
            yield return "gradients.noise";
        }

        if (options.Sharpness.Rho > 0)
        {
            yield return "sharpness.rho";
        }
    }
}
