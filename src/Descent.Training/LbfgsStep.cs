using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>One step of L-BFGS: a minimisation of the mean loss over the full batch, which is read once and kept for the evaluations that follow.</summary>
/// <remarks>Dropout draws the same numbers in every evaluation of a step, and BatchNorm's running statistics take in the first one alone.</remarks>
internal sealed class LbfgsStep : ITrainingStep
{
    private readonly FusedOptimizer _optimizer;
    private readonly LbfgsOptions _lbfgs;
    private readonly Lbfgs _minimizer;
    private readonly Model _model;
    private readonly WindowPass _pass;
    private readonly double _l2;
    private readonly long _batches;
    private readonly Parameter[] _penalised;

    /// <exception cref="BadInputException">The options ask for what L-BFGS cannot do.</exception>
    public LbfgsStep(Model model, Loss loss, FusedOptimizer optimizer, TrainingOptions options, long batches)
    {
        if (Refusals(options).FirstOrDefault() is { } refusal)
        {
            throw new BadInputException($"optimizer.kind is 'lbfgs', {refusal}");
        }

        (_model, _optimizer, _batches, _l2) = (model, optimizer, batches, options.Regularization.L2);
        _lbfgs = (LbfgsOptions)options.Optimizer;
        _minimizer = new Lbfgs(model.named_parameters())
        {
            Iterations = _lbfgs.Iterations,
            History = _lbfgs.History,
            GradientTolerance = _lbfgs.GradientTolerance,
            ChangeTolerance = _lbfgs.ChangeTolerance,
        };
        _pass = new WindowPass(model, loss, optimizer, options);
        _penalised = [.. model.named_parameters().Where(entry => entry.parameter.requires_grad && model.RoleOf(entry.name).Decays()).Select(static entry => entry.parameter)];
    }

    public StepOutcome Run(BatchLoader loader, long step, in StepSettings settings)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Batch> batches = WindowPass.Keep(loader, _batches);
        var first = new WindowSum();
        var window = new WindowSum();
        double norm = 0;
        string? nonFinite = null;
        BufferSnapshot? buffers = null;
        _minimizer.LearningRate = _lbfgs.LearningRate * settings.RateFactor;
        try
        {
            _minimizer.Minimize(() =>
            {
                bool isFirst = buffers is null;
                WindowSum sums = isFirst ? first : window;
                _pass.Run(batches, step, sums);
                buffers ??= new BufferSnapshot(_model);
                GradientReport gradient = ToMean(sums.Targets);
                norm = isFirst ? gradient.Norm : norm;
                nonFinite = gradient.NonFinite is { } name ? $"the gradient of '{name}'" : double.IsFinite(sums.Loss) ? null : "the loss";
                return nonFinite is null ? sums.Loss + Penalty() : throw new NonFiniteException();
            });
        }
        catch (NonFiniteException)
        {
            // The parameters are back where the step began.
        }
        finally
        {
            buffers?.Dispose();
        }

        return new StepOutcome
        {
            Loss = first.Loss,
            Terms = first.Terms(),
            GradientNorm = norm,
            Samples = first.Samples,
            Tokens = first.Tokens,
            NonFinite = nonFinite,
        };
    }

    private static IEnumerable<string> Refusals(TrainingOptions options)
    {
        GradientOptions gradients = options.Gradients;
        if (!gradients.FullBatch)
        {
            yield return "which needs the same function at every evaluation; set gradients.full_batch to true";
        }

        if (gradients is not { ClipNorm: null, ClipValue: null, ClipEach: null, ClipAdaptive: null, Noise: null })
        {
            yield return "whose search would be misled by gradients that are clipped or noisy; take clip_norm, clip_value, clip_each, clip_adaptive and noise out of 'gradients'";
        }

        if (options.Sharpness.Rho > 0)
        {
            yield return "which minimises the loss itself; take 'sharpness' out";
        }

        if (options.Groups.Count > 0)
        {
            yield return "which moves all parameters together; take 'groups' out";
        }

        if (options.Schedules.Count > 0)
        {
            yield return "whose memory is of one function; take 'schedules' out";
        }

        if (options.Regularization.L1 > 0)
        {
            yield return "which needs a smooth function; take regularization.l1 out";
        }
    }

    // Sums become means, and the penalty's gradient λw is added.
    private GradientReport ToMean(long targets)
    {
        using IDisposable noGrad = no_grad();
        using Scalar scale = (targets > 0 ? 1.0 / targets : 0).ToScalar(), penalty = _l2.ToScalar();
        foreach (Parameter parameter in _model.parameters())
        {
            using Tensor? gradient = parameter.grad;
            gradient?.mul_(scale);
        }

        GradientReport report = _optimizer.GlobalGradientNorm();
        foreach (Parameter parameter in _l2 > 0 ? _penalised : [])
        {
            using Tensor? gradient = parameter.grad;
            gradient?.add_(parameter, penalty);
        }

        return report;
    }

    private double Penalty()
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return _l2 > 0 ? _l2 / 2 * _penalised.Sum(static parameter => parameter.square().sum(ScalarType.Float64).item<double>()) : 0;
    }

    private sealed class NonFiniteException : Exception;
}
