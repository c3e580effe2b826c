using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>
/// Huber's loss of d = y − t: ½d² where |d| ≤ δ, δ(|d| − ½δ) beyond, so that outliers pull with a bounded force (Huber 1964).
/// </summary>
public sealed record HuberOptions : LossOptions
{
    /// <inheritdoc/>
    public override string Kind => "huber";

    /// <summary>δ, a positive number in the unit of the targets (of their standardised form where the data is standardised). Default 1 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Delta
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <inheritdoc/>
    public override Loss Build()
    {
        double delta = Delta;
        return new RegressionLoss(Name ?? Kind, (outputs, targets) => nn.functional.huber_loss(outputs, targets, delta, nn.Reduction.Sum));
    }
}
