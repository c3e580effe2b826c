using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>One optimizer step: forward and backward over the micro-batches, what is done to their gradients, the update.</summary>
internal sealed class TrainingStep(Model model, Loss loss, FusedOptimizer optimizer, TrainingOptions options) : ITrainingStep, IDisposable
{
    private readonly WindowPass _pass = new(model, loss, optimizer, options);
    private readonly GradientTreatment _treatment = new(model, optimizer, options.Gradients, options.Seed);
    private readonly WindowSum _window = new();
    private readonly WindowSum _climbed = new();
    private readonly SharpnessAware? _sharpness = options.Sharpness is { Rho: > 0 } sharpness
        ? new SharpnessAware(optimizer, sharpness.Rho, sharpness.Adaptive, sharpness.Eta)
        : null;

    public StepOutcome Run(BatchLoader loader, long step, in StepSettings settings)
    {
        using DisposeScope scope = NewDisposeScope();
        double? rise = null;
        string? nonFinite = null;
        if (_sharpness is null)
        {
            _pass.Run(WindowPass.Take(loader, settings.MicroBatches), step, _window);
        }
        else
        {
            (rise, nonFinite) = RunTwice(_sharpness, WindowPass.Keep(loader, settings.MicroBatches), step);
        }

        double scale = _window.Targets > 0 ? 1.0 / _window.Targets : 0;
        TreatedGradients gradients = _treatment.Apply(settings.Gradients, scale, step, settings.ClipFactor);
        nonFinite ??= gradients.NonFinite is { } name ? $"the gradient of '{name}'" : double.IsFinite(_window.Loss) ? null : "the loss";
        if (nonFinite is null)
        {
            optimizer.Step(gradients.Request with
            {
                RateFactor = settings.GroupRateFactors is null ? settings.RateFactor : 1,
                GroupRateFactors = settings.GroupRateFactors,
                L1 = settings.Regularization.L1,
                L2 = settings.Regularization.L2,
            });
        }

        return new StepOutcome
        {
            Loss = _window.Loss,
            Terms = _window.Terms(),
            GradientNorm = gradients.Norm,
            ClippedNorm = gradients.ClippedNorm,
            ClippedFraction = gradients.ClippedFraction,
            Sharpness = rise,
            Samples = _window.Samples,
            Tokens = _window.Tokens,
            NonFinite = nonFinite,
        };
    }

    public void Dispose() => _sharpness?.Dispose();

    /// <summary>The gradient of the second pass, taken where the first one's points to. BatchNorm's running statistics take in the first alone.</summary>
    private (double? Rise, string? NonFinite) RunTwice(SharpnessAware sharpness, List<Batch> batches, long step)
    {
        _pass.Run(batches, step, _window);
        GradientReport report = sharpness.Climb();
        if (report.NonFinite is { } name)
        {
            return (null, $"the gradient of '{name}'");
        }

        using var buffers = new BufferSnapshot(model);
        try
        {
            _pass.Run(batches, step, _climbed);
        }
        finally
        {
            sharpness.Return();
        }

        return (_climbed.Loss - _window.Loss, null);
    }
}
