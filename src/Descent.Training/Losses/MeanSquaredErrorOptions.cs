using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>Mean squared error: (y − t)², its mean over all target numbers.</summary>
public sealed record MeanSquaredErrorOptions : LossOptions
{
    /// <inheritdoc/>
    public override string Kind => "mean_squared_error";

    /// <inheritdoc/>
    public override Loss Build() =>
        new RegressionLoss(Name ?? Kind, (outputs, targets) => nn.functional.mse_loss(outputs, targets, nn.Reduction.Sum));
}
