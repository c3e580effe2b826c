using TorchSharp;
using static TorchSharp.torch;
using EvaluationPoint = Descent.Optimizers.EvaluationPoint;

namespace Descent.Torch;

// Where a model is measured, for rules that train at another point.
public abstract partial class FusedOptimizer
{
    /// <summary>
    /// Whether there is a rule whose model is to be measured and saved at another point than it is trained at (<see cref="Optimizers.OptimizerOptions.EvaluationPoint"/>).
    /// </summary>
    public bool HasEvaluationPoint => _runners.Any(static runner => runner.Options.EvaluationPoint is not null);

    /// <summary>
    /// Puts the model where it is to be measured, until the result is disposed; then the parameters are what they were, bit for bit. Parameters whose rule measures
    /// where it trains are left alone, and so are those without a step.
    /// </summary>
    /// <example><code>
    /// using (optimizer.SwapEvaluationPoint()) { Validate(model); }
    /// </code></example>
    public WeightSwap SwapEvaluationPoint()
    {
        using IDisposable noGrad = no_grad();
        var entries = new List<WeightSwap.Entry>();
        foreach (GroupRunner runner in _runners)
        {
            if (runner.Options.EvaluationPoint is { } point)
            {
                foreach (ParameterState parameter in runner.Parameters)
                {
                    if (parameter.Tensors.FirstOrDefault(entry => entry.State == point.State).Value is { } state)
                    {
                        entries.Add(WeightSwap.Copy(parameter.Name, parameter.Parameter));
                        MoveTo(point, parameter.Parameter, state);
                    }
                }
            }
        }

        return new WeightSwap(entries);
    }

    private static void MoveTo(EvaluationPoint point, Tensor parameter, Tensor state)
    {
        using DisposeScope scope = NewDisposeScope();
        using Scalar factor = point.Factor.ToScalar();
        parameter.detach().add_(state, factor);
    }
}
