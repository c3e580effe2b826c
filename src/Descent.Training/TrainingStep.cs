using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>One optimizer step: forward and backward over the micro-batches, the norm, the update.</summary>
/// <remarks>
/// Losses are summed over counted targets and the gradients divided by their number once, inside the step, so that accumulation equals the large
/// batch for any loss and any number of ignored targets. Dropout draws from a seed of (run, step, micro-batch): a step needs nothing of the ones before it
/// but the parameters and states.
/// </remarks>
internal sealed class TrainingStep(Model model, Loss loss, FusedOptimizer optimizer, TrainingOptions options, long microBatches)
{
    private readonly GradientOptions _gradients = options.Gradients;
    private readonly RegularizationOptions _regularization = options.Regularization;
    private readonly WindowSum _window = new();

    /// <summary>Does step <paramref name="step"/>, counted from 0.</summary>
    public StepOutcome Run(BatchLoader loader, long step, double rateFactor)
    {
        using DisposeScope stepScope = NewDisposeScope();
        _window.Clear();
        optimizer.zero_grad();
        for (long micro = 0; micro < microBatches; micro++)
        {
            manual_seed(RandomStream.OfMicroBatch(options.Seed, step, micro));
            using DisposeScope scope = NewDisposeScope();
            using Batch batch = loader.Next();
            using LossValue value = loss.Compute(model, batch.Inputs, batch.Targets);
            BackwardPass.Run(value.Sum);
            _window.Add(value, batch);
        }

        double scale = _window.Targets > 0 ? 1.0 / _window.Targets : 0;
        GradientReport gradient = optimizer.GlobalGradientNorm();
        double norm = gradient.Norm * scale;
        bool finite = double.IsFinite(_window.Loss) && gradient.NonFinite is null;
        if (finite)
        {
            double clip = _gradients.ClipNorm is { } maximum ? gradient.ClipFactor(maximum, scale) : 1;
            optimizer.Step(new StepRequest { RateFactor = rateFactor, GradientScale = scale * clip, L1 = _regularization.L1, L2 = _regularization.L2 });
        }

        return new StepOutcome
        {
            Loss = _window.Loss,
            Terms = _window.Terms(),
            GradientNorm = norm,
            Samples = _window.Samples,
            Tokens = _window.Tokens,
            NonFinite = finite ? null : gradient.NonFinite is { } name ? $"the gradient of '{name}'" : "the loss",
        };
    }
}
