using Descent.Optimizers;
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
                    if (parameter.Find(point.State) is { } index)
                    {
                        entries.Add(WeightSwap.Copy(parameter.Name, parameter.Parameter));
                        MoveTo(point, parameter, index);
                    }
                }
            }
        }

        return new WeightSwap(entries);
    }

    // In float where the parameter is bfloat16: the point is rounded once.
    private static void MoveTo(EvaluationPoint point, ParameterState parameter, int index)
    {
        using DisposeScope scope = NewDisposeScope();
        using Scalar factor = point.Factor.ToScalar();
        Tensor state = parameter.Format == StateFormat.Float32 ? parameter[index] : parameter.Read(index);
        Tensor weight = parameter.Parameter.detach();
        if (weight.dtype == state.dtype)
        {
            weight.add_(state, factor);
            return;
        }

        weight.copy_(weight.to(state.dtype).add_(state, factor));
    }
}
