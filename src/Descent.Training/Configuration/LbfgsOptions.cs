using Descent.Optimizers;
using Descent.Torch;

namespace Descent.Training.Configuration;

/// <summary>
/// L-BFGS on the full batch (<see cref="Lbfgs"/>), by TorchSharp's own implementation: a step of the run is a minimisation of up to <see cref="Iterations"/> iterations with
/// a history of its own.
/// </summary>
public sealed record LbfgsOptions : OptimizerOptions, IValidatable
{
    /// <summary>γ = 1, the default of <c>torch.optim.LBFGS</c> in PyTorch (TorchSharp has 0.01), and λ = 0.</summary>
    public LbfgsOptions() => LearningRate = 1;

    /// <inheritdoc/>
    public override string Kind => "lbfgs";

    /// <summary>Most iterations of a step, at least 1. Default 20 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public long Iterations { get; init => field = Require.AtLeast(1, value); } = 20;

    /// <summary>Differences of points and gradients that are remembered, at least 1. Default 100 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public long History { get; init => field = Require.AtLeast(1, value); } = 100;

    /// <summary>A step ends when no element of the gradient is larger, at least 0. Default 1e-7 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double GradientTolerance { get; init => field = Require.AtLeastZero(value); } = 1e-7;

    /// <summary>A step ends when neither loss nor parameters change by more, at least 0. Default 1e-9 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double ChangeTolerance { get; init => field = Require.AtLeastZero(value); } = 1e-9;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => [];

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() =>
        throw new NotSupportedException("L-BFGS evaluates the model several times a step and has no kernel; use Descent.Torch.Lbfgs, or a Trainer with LbfgsOptions.");

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        if (WeightDecay > 0)
        {
            yield return "weight_decay is no part of the function that L-BFGS minimises; use regularization.l2";
        }

        if (Maximize)
        {
            yield return "maximize is not for L-BFGS; negate the loss by a weight of -1";
        }
    }
}
