using Descent.Cli.Bench;
using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Tools.RecordGolden;

/// <summary>A rule computed by libtorch in float64, by nothing of Descent's.</summary>
internal sealed class Reference : IDisposable
{
    private readonly Parameter _parameter;
    private readonly Action<Tensor> _step;
    private readonly IDisposable? _owner;

    public Reference(RuleOptions options, double[] start)
    {
        _parameter = new Parameter(tensor(start));
        if (LibTorchOptimizer.TryCreate(options, [_parameter]) is { } fused)
        {
            (_owner, _step) = (fused, gradient => fused.Step([gradient]));
        }
        else if (options is RmsPropOptions rms)
        {
            // libtorch has no fused operator for it; TorchSharp's is PyTorch's sequence of operators.
            var optimizer = optim.RMSProp(
                [_parameter], rms.LearningRate, rms.Alpha, rms.Epsilon, rms.WeightDecay, rms.Momentum, rms.Centered, rms.Maximize);
            (_owner, _step) = (optimizer, gradient =>
            {
                _parameter.grad = gradient;
                optimizer.step();
            }
            );
        }
        else
        {
            var script = jit.compile(Formula(options));
            Tensor m = zeros_like(_parameter.detach()), v = zeros_like(_parameter.detach()), t = zeros(1, ScalarType.Float64);
            (_owner, _step) = (script, gradient =>
            {
                using var noGrad = no_grad();
                ((Tensor)script.invoke("step", _parameter.detach(), gradient, m, v, t)).Dispose();
            }
            );
        }
    }

    public double[] Values => _parameter.detach().data<double>().ToArray();

    public void Step(double[] gradient)
    {
        using var scope = NewDisposeScope();
        _step(tensor(gradient));
    }

    public void Dispose()
    {
        _owner?.Dispose();
        _parameter.Dispose();
    }

    /// <summary>The two rules of the article that no library has, in libtorch's operators.</summary>
    private static string Formula(RuleOptions options) => options switch
    {
        EmaMomentumOptions o => Script(FormattableString.Invariant(
            $"""
                m.mul_({o.Beta:R}).add_(g, alpha={1 - o.Beta:R})
                p.sub_(m * {o.LearningRate:R})
            """)),
        ArticleAdamOptions o => Script(FormattableString.Invariant(
            $"""
                m.mul_({o.Beta1:R}).add_(g, alpha={1 - o.Beta1:R})
                v.mul_({o.Beta2:R}).addcmul_(g, g, value={1 - o.Beta2:R})
                p.sub_(m / ((v / (1 - {o.Beta2:R} ** t)).sqrt() + {o.Epsilon:R}) * {o.LearningRate:R})
            """)),
        _ => throw new NotSupportedException($"No reference for '{options.Kind}'; write one here."),
    };

    private static string Script(string body) =>
        $"def step(p: Tensor, g: Tensor, m: Tensor, v: Tensor, t: Tensor):\n    t.add_(1)\n{body}\n    return p\n";
}
