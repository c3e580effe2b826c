using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>One optimizer step: forward and backward over the micro-batches, what is done to their gradients, the update.</summary>
internal sealed class TrainingStep(Model model, Loss loss, FusedOptimizer optimizer, TrainingOptions options, long microBatches)
{
    private readonly RegularizationOptions _regularization = options.Regularization;
    private readonly WindowPass _pass = new(model, loss, optimizer, options.Seed);
    private readonly GradientTreatment _treatment = new(model, optimizer, options.Gradients, options.Seed);
    private readonly WindowSum _window = new();

    /// <summary>Does step <paramref name="step"/>, counted from 0.</summary>
    public StepOutcome Run(BatchLoader loader, long step, in StepSettings settings)
    {
        using DisposeScope scope = NewDisposeScope();
        _pass.Run(WindowPass.Take(loader, microBatches), step, _window);
        double scale = _window.Targets > 0 ? 1.0 / _window.Targets : 0;
        TreatedGradients gradients = _treatment.Apply(scale, step, settings.ClipFactor);
        bool finite = double.IsFinite(_window.Loss) && gradients.NonFinite is null;
        if (finite)
        {
            optimizer.Step(gradients.Request with { RateFactor = settings.RateFactor, L1 = _regularization.L1, L2 = _regularization.L2 });
        }

        return new StepOutcome
        {
            Loss = _window.Loss,
            Terms = _window.Terms(),
            GradientNorm = gradients.Norm,
            ClippedNorm = gradients.ClippedNorm,
            ClippedFraction = gradients.ClippedFraction,
            Samples = _window.Samples,
            Tokens = _window.Tokens,
            NonFinite = finite ? null : gradients.NonFinite is { } name ? $"the gradient of '{name}'" : "the loss",
        };
    }
}
