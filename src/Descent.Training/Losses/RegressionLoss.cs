using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>A loss that is a sum over the numbers of predictions and targets of one shape.</summary>
internal sealed class RegressionLoss(string name, Func<Tensor, Tensor, Tensor> sum) : Loss
{
    public override string Name => name;

    public override LossValue Compute(Tensor outputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (!targets.is_floating_point())
        {
            throw new BadInputException($"{name} needs targets that are numbers of a floating type, these are {targets.dtype}; use cross_entropy for class numbers.");
        }

        Targets.CheckShape(targets, outputs.shape);
        using DisposeScope scope = NewDisposeScope();
        Tensor total = sum(outputs, targets).MoveToOuterDisposeScope();
        long count = targets.numel();
        return new LossValue(total, count, [new LossTerm(name, 1, total.detach().MoveToOuterDisposeScope(), count)]);
    }
}
