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
            var script = jit.compile(Formulas.Of(options));
            Tensor[] states = [.. Enumerable.Range(0, 4).Select(index => full_like(_parameter.detach(), Formulas.InitialValue(options, index)))];
            Tensor t = zeros(1, ScalarType.Float64);
            (_owner, _step) = (script, gradient =>
            {
                using var noGrad = no_grad();
                ((Tensor)script.invoke("step", _parameter.detach(), gradient, states, t)).Dispose();
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
}
