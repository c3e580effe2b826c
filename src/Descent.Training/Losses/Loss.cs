using Descent.Training.Models;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>A loss as a sum over counted targets, so that the mean over several micro-batches with ignored targets is exact.</summary>
public abstract class Loss
{
    /// <summary>The name in reports and metrics.</summary>
    public abstract string Name { get; }

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="outputs">Logits or predictions.</param>
    /// <param name="targets">Class numbers (int64) or values.</param>
    /// <returns>The sum, with a graph where gradients are recorded, and the number of targets in it.</returns>
    /// <exception cref="BadInputException">Targets that don't fit: a class number out of range, another shape or type.</exception>
    public abstract LossValue Compute(Tensor outputs, Tensor targets);

    /// <summary>Runs a model and computes its loss.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">A batch of inputs.</param>
    /// <param name="targets">Its targets.</param>
    /// <returns>As <see cref="Compute(Tensor, Tensor)"/>.</returns>
    public LossValue Compute(Model model, Tensor inputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(model);
        using Tensor body = model.Body(inputs);
        return ComputeFromBody(model, body, targets);
    }

    /// <summary>Runs the last segment of a model and computes its loss; a loss that can be fused with the model's head overrides it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="body">What its last segment takes, see <see cref="Model.Body"/>.</param>
    /// <param name="targets">The batch's targets.</param>
    /// <returns>As <see cref="Compute(Tensor, Tensor)"/>.</returns>
    public virtual LossValue ComputeFromBody(Model model, Tensor body, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(model);
        using Tensor outputs = model.Segments[^1].call(body);
        return Compute(outputs, targets);
    }
}
