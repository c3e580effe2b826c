using Descent.Optimizers;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Tools.RecordGolden;

/// <summary>
/// Rules that libtorch has no fused operator for, in its operators: what PyTorch's single-tensor loops or the authors' code do, step by step. In a formula
/// p is the parameter, g its gradient, a to d are states, t the step and k it as a number.
/// </summary>
internal static class Formulas
{
    public static double InitialValue(RuleOptions options, int state) => options is RpropOptions && state == 1 ? options.LearningRate : 0;

    public static string Of(RuleOptions options) =>
        $"""
        def step(p: Tensor, g: Tensor, s: List[Tensor], t: Tensor):
            a, b, c, d = s[0], s[1], s[2], s[3]
            t.add_(1)
            k = float(t)
            {(options.Maximize ? "g = -g" : "pass")}
            {(options.WeightDecay == 0 || options.OwnWeightDecay ? "pass" : options.DecoupledWeightDecay ? Text($"p.mul_(1 - {options.LearningRate:R} * {options.WeightDecay:R})") : Text($"g = g.add(p, alpha={options.WeightDecay:R})"))}
            {Body(options).ReplaceLineEndings("\n    ")}
            return p

        """;

    private static string Body(RuleOptions options) => options switch
    {
        EmaMomentumOptions o => Text($"""
            a.mul_({o.Beta:R}).add_(g, alpha={1 - o.Beta:R})
            p.sub_(a * {o.LearningRate:R})
            """),
        ArticleAdamOptions o => Text($"""
            a.mul_({o.Beta1:R}).add_(g, alpha={1 - o.Beta1:R})
            b.mul_({o.Beta2:R}).addcmul_(g, g, value={1 - o.Beta2:R})
            p.sub_(a / ((b / (1 - {o.Beta2:R} ** t)).sqrt() + {o.Epsilon:R}) * {o.LearningRate:R})
            """),
        AdadeltaOptions o => Text($"""
            a.mul_({o.Rho:R}).addcmul_(g, g, value=1.0 - {o.Rho:R})
            std = a.add({o.Epsilon:R}).sqrt_()
            delta = b.add({o.Epsilon:R}).sqrt_().div_(std).mul_(g)
            b.mul_({o.Rho:R}).addcmul_(delta, delta, value=1.0 - {o.Rho:R})
            p.add_(delta, alpha=-{o.LearningRate:R})
            """),
        AdamaxOptions o => Text($"""
            a.lerp_(g, 1.0 - {o.Beta1:R})
            b.copy_(torch.maximum(b * {o.Beta2:R}, g.abs() + {o.Epsilon:R}))
            p.addcdiv_(a, b, value=-{o.LearningRate:R} / (1.0 - {o.Beta1:R} ** k))
            """),
        NAdamOptions o => Text($"""
            mu = {o.Beta1:R} * (1.0 - 0.5 * (0.96 ** (k * {o.MomentumDecay:R})))
            next = {o.Beta1:R} * (1.0 - 0.5 * (0.96 ** ((k + 1.0) * {o.MomentumDecay:R})))
            if k == 1.0:
                c.fill_(1.0)
            c.mul_(mu)
            product = float(c.max())
            a.lerp_(g, 1.0 - {o.Beta1:R})
            b.mul_({o.Beta2:R}).addcmul_(g, g, value=1.0 - {o.Beta2:R})
            denom = b.div(1.0 - {o.Beta2:R} ** k).sqrt().add_({o.Epsilon:R})
            p.addcdiv_(g, denom, value=-{o.LearningRate:R} * (1.0 - mu) / (1.0 - product))
            p.addcdiv_(a, denom, value=-{o.LearningRate:R} * next / (1.0 - product * next))
            """),
        RAdamOptions o => Text($"""
            a.lerp_(g, 1.0 - {o.Beta1:R})
            b.mul_({o.Beta2:R}).addcmul_(g, g, value=1.0 - {o.Beta2:R})
            bias2 = 1.0 - {o.Beta2:R} ** k
            corrected = a / (1.0 - {o.Beta1:R} ** k)
            limit = 2.0 / (1.0 - {o.Beta2:R}) - 1.0
            length = limit - 2.0 * k * ({o.Beta2:R} ** k) / bias2
            if length > 5.0:
                rect = ((length - 4.0) * (length - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * length)) ** 0.5
                p.sub_(corrected * {o.LearningRate:R} * rect * (bias2 ** 0.5) / (b.sqrt() + {o.Epsilon:R}))
            else:
                p.sub_(corrected * {o.LearningRate:R})
            """),
        RpropOptions o => Text($"""
            sign = g.mul(a).sign()
            one = torch.ones_like(sign)
            factor = torch.where(sign.gt(0), one * {o.Grow:R}, torch.where(sign.lt(0), one * {o.Shrink:R}, one))
            b.mul_(factor).clamp_({o.MinimumStep:R}, {o.MaximumStep:R})
            kept = torch.where(sign.lt(0), torch.zeros_like(g), g)
            p.addcmul_(kept.sign(), b, value=-1.0)
            a.copy_(kept)
            """),
        AsgdOptions o => Text($"""
            eta = {o.LearningRate:R} / ((1.0 + {o.RateDecay:R} * {o.LearningRate:R} * (k - 1.0)) ** {o.Power:R})
            p.mul_(1.0 - {o.WeightDecay:R} * eta)
            p.add_(g, alpha=-eta)
            """),
        LionOptions o => Text($"""
            p.add_((a * {o.Beta1:R} + g * (1.0 - {o.Beta1:R})).sign_(), alpha=-{o.LearningRate:R})
            a.mul_({o.Beta2:R}).add_(g, alpha=1.0 - {o.Beta2:R})
            """),
        AdEMAMixOptions o => Text($"""
            alpha = {o.Alpha:R} * min(1.0, k / {Math.Max(1, o.AlphaWarmupSteps)}.0)
            part = k / {Math.Max(1, o.Beta3WarmupSteps)}.0
            beta3 = {o.Beta3:R}
            if part < 1.0:
                beta3 = 0.5 ** (1.0 / ((1.0 - part) * {(Math.Log(0.5) / Math.Log(o.Beta1)) - 1:R} + part * {(Math.Log(0.5) / Math.Log(o.Beta3)) - 1:R} + 1.0))
            a.mul_({o.Beta1:R}).add_(g, alpha=1.0 - {o.Beta1:R})
            b.mul_(beta3).add_(g, alpha=1.0 - beta3)
            c.mul_({o.Beta2:R}).addcmul_(g, g, value=1.0 - {o.Beta2:R})
            denom = (c.sqrt() / ((1.0 - {o.Beta2:R} ** k) ** 0.5)).add_({o.Epsilon:R})
            p.sub_((a.div(1.0 - {o.Beta1:R} ** k) + alpha * b) / denom * {o.LearningRate:R})
            """),
        AdoptOptions o => Text($"""
            if k == 1.0:
                b.addcmul_(g, g)
            else:
                p.mul_(1.0 - {(o.DecoupledDecay ? o.LearningRate * o.WeightDecay : 0):R})
                normed = g.div(torch.clamp(b.sqrt(), min={o.Epsilon:R}))
                clip = {(o.Clip ? "(k - 1.0) ** 0.25" : "1e300")}
                a.lerp_(normed.clamp(-clip, clip), 1.0 - {o.Beta1:R})
                p.add_(a, alpha=-{o.LearningRate:R})
                b.mul_({o.Beta2:R}).addcmul_(g, g, value=1.0 - {o.Beta2:R})
            """),
        AdanOptions o => Text($"""
            if k == 1.0:
                d.copy_(-g)
            d.add_(g)
            a.mul_({o.Beta1:R}).add_(g, alpha=1.0 - {o.Beta1:R})
            b.mul_({o.Beta2:R}).add_(d, alpha=1.0 - {o.Beta2:R})
            d.mul_({o.Beta2:R}).add_(g)
            c.mul_({o.Beta3:R}).addcmul_(d, d, value=1.0 - {o.Beta3:R})
            denom = (c.sqrt() / ((1.0 - {o.Beta3:R} ** k) ** 0.5)).add_({o.Epsilon:R})
            p.mul_(1.0 - {(o.Proximal ? 0 : o.LearningRate * o.WeightDecay):R})
            p.addcdiv_(a, denom, value=-{o.LearningRate:R} / (1.0 - {o.Beta1:R} ** k))
            p.addcdiv_(b, denom, value=-{o.LearningRate:R} * {o.Beta2:R} / (1.0 - {o.Beta2:R} ** k))
            p.div_(1.0 + {(o.Proximal ? o.LearningRate * o.WeightDecay : 0):R})
            d.copy_(-g)
            """),
        _ => throw new NotSupportedException($"No reference for '{options.Kind}'; write one here."),
    };

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
