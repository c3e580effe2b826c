using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>
/// One optimizer step in which each segment's gradients are applied and freed as soon as its backward is over: the gradients of one segment exist at a time (Lv et al. 2023,
/// arXiv 2306.09782).
/// </summary>
/// <remarks>
/// A parameter belongs to the first segment that has it; backward arrives there last, so a tied weight's gradient is complete by then. The results are those of a step after
/// backward, bit for bit, but for the rounding of a global norm that is summed part by part.
/// </remarks>
internal sealed class UpdateInBackward : ITrainingStep
{
    private static readonly StepRequest Nothing = new();

    private readonly Model _model;
    private readonly FusedOptimizer _optimizer;
    private readonly SegmentedPass _pass;
    private readonly GradientTreatment _treatment;
    private readonly MemoryOptions _memory;
    private readonly bool _skips;
    private readonly Part[] _parts;
    private readonly MappedArena? _arena;

    /// <param name="model">The model.</param>
    /// <param name="loss">What is minimised.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="routing">The rule of each parameter.</param>
    /// <param name="options">The settings.</param>
    /// <param name="arena">The scratch file of the optimizer's states; null for memory.</param>
    /// <exception cref="BadInputException">The options ask for what needs all gradients at once.</exception>
    public UpdateInBackward(Model model, Loss loss, FusedOptimizer optimizer, Routing routing, TrainingOptions options, MappedArena? arena = null)
    {
        if (Refusals(routing, options).FirstOrDefault() is { } refusal)
        {
            throw new BadInputException($"memory.update is 'in_backward', {refusal}, or leave it at 'after_backward'");
        }

        (_model, _optimizer, _memory, _skips) = (model, optimizer, options.Memory, options.Gradients.NonFinite == NonFiniteAction.Skip);
        _arena = arena;
        _pass = new SegmentedPass(model, loss, options.Seed, options.Memory.Recompute, arena is null && model.Arena is null ? null : new SegmentStorage(model, optimizer));
        _treatment = new GradientTreatment(model, optimizer, options.Gradients, options.Seed);
        ILookup<int, (string Name, Parameter Parameter)> bySegment = SegmentOwners.Of(model).ToLookup(static entry => entry.Segment, static entry => (entry.Name, entry.Parameter));
        _parts = [.. Enumerable.Range(0, model.Segments.Count).Select(segment => new Part(bySegment[segment]))];
    }

    public StepOutcome Run(BatchLoader loader, long step, in StepSettings settings)
    {
        _arena?.RequireWhole();
        _model.Arena?.RequireWhole();
        using DisposeScope scope = NewDisposeScope();
        using Batch batch = loader.Next();
        var window = new WindowSum();
        GradientOptions gradients = settings.Gradients;
        _optimizer.zero_grad();
        double? lastNorm = _memory.Norm == NormSource.LastStep ? settings.LastNorm : null;
        bool measures = (gradients.ClipNorm is not null && lastNorm is null) || (_skips && _memory.Norm == NormSource.SecondPass);
        BufferSnapshot? buffers = null;
        try
        {
            GradientReport? measured = measures ? Measure(batch, step) : null;
            buffers = measures ? new BufferSnapshot(_model) : null;
            return Apply(batch, step, settings, measured ?? (lastNorm is { } norm ? new GradientReport(norm, null) : null), measures, window);
        }
        finally
        {
            buffers?.Dispose();
            _optimizer.zero_grad();
        }
    }

    /// <summary>Why these options need a step after backward; none where they don't.</summary>
    internal static IEnumerable<string> Refusals(Routing routing, TrainingOptions options)
    {
        if (options.Gradients.Accumulate > 1 || options.Gradients.FullBatch || options.Schedules.ContainsKey(ScheduledOptions.AccumulateKey))
        {
            yield return "and the gradients of several micro-batches would have to be kept until the last; take 'accumulate' and 'full_batch' out of 'gradients', and of 'schedules'";
        }

        if (options.Optimizer is LbfgsOptions || options.Sharpness.Rho > 0)
        {
            yield return $"and {(options.Optimizer is LbfgsOptions ? "optimizer 'lbfgs'" : "'sharpness'")} needs all gradients several times; take it out";
        }

        foreach (Route route in routing.Routes)
        {
            if (route.Group.Options.Scope == UpdateScope.Group)
            {
                yield return $"and optimizer '{route.Group.Options.Kind}' sums over all gradients before it updates any; take another, such as adamw";
            }
        }

        if (options.Gradients.NonFinite == NonFiniteAction.Skip && options.Memory.Norm == NormSource.LastStep)
        {
            yield return "and a step can be left out only when its gradients were looked at before any was applied; set memory.norm to 'second_pass' or gradients.non_finite to 'stop'";
        }
    }

    /// <summary>The norm of the summed loss's gradient; the gradients are freed.</summary>
    private GradientReport Measure(Batch batch, long step)
    {
        double squares = 0;
        string? nonFinite = null;
        using LossValue value = _pass.Run(batch.Inputs, batch.Targets, step, 0, done: segment =>
        {
            Part part = _parts[segment];
            using (_optimizer.Only(part.Names))
            {
                GradientReport report = _optimizer.GlobalGradientNorm();
                squares += report.Norm * report.Norm;
                nonFinite ??= report.NonFinite;
            }

            part.Free();
            return true;
        });
        return new GradientReport(Math.Sqrt(squares), nonFinite);
    }

    private StepOutcome Apply(Batch batch, long step, StepSettings settings, GradientReport? known, bool measured, WindowSum window)
    {
        GradientOptions gradients = settings.Gradients;
        string? nonFinite = known?.NonFinite is { } name ? $"the gradient of '{name}'" : null;
        bool applied = false;
        double factor = 1, scale = 0;
        var treated = new NormSum();
        StepInParts? parts = null;
        using LossValue value = _pass.Run(batch.Inputs, batch.Targets, step, 0, Forwarded, Done);
        if (parts is not null && nonFinite is null)
        {
            RequireFreed();
        }

        window.Add(value, batch);
        bool clips = gradients.ClipNorm is not null;
        double before = treated.Before / factor;
        return new StepOutcome
        {
            Loss = window.Loss,
            Terms = window.Terms(),
            GradientNorm = nonFinite is null ? before : double.NaN,
            ClippedNorm = clips ? treated.Before : treated.Clipped,
            ClippedFraction = clips ? (factor < 1 ? 1 : 0) : treated.Fraction,
            Samples = window.Samples,
            Tokens = window.Tokens,
            NonFinite = nonFinite,
            PartlyApplied = nonFinite is not null && applied,
        };

        bool Forwarded(LossValue loss)
        {
            if (nonFinite is not null || !double.IsFinite(loss.Mean))
            {
                nonFinite ??= "the loss";
                return false;
            }

            scale = loss.Count > 0 ? 1.0 / loss.Count : 0;
            if (gradients.ClipNorm is { } maximum && known is { } norm)
            {
                // A norm of the step before is that of its mean gradient.
                factor = measured ? norm.ClipFactor(maximum * settings.ClipFactor, scale) : norm.ClipFactor(maximum * settings.ClipFactor);
            }

            scale *= factor;
            parts = _optimizer.BeginStep(Nothing with
            {
                RateFactor = settings.GroupRateFactors is null ? settings.RateFactor : 1,
                GroupRateFactors = settings.GroupRateFactors,
                GradientScale = scale,
                ClipValue = GradientTreatment.ClipValueOf(gradients, scale, settings.ClipFactor),
                L1 = settings.Regularization.L1,
                L2 = settings.Regularization.L2,
            });
            return true;
        }

        bool Done(int segment)
        {
            Part part = _parts[segment];
            Update(part);
            part.Free();
            return nonFinite is null;
        }

        void Update(Part part)
        {
            using (_optimizer.Only(part.Names))
            {
                TreatedGradients own = _treatment.Apply(gradients with { ClipNorm = null }, scale, step, settings.ClipFactor);
                treated.Add(own);
                nonFinite = own.NonFinite is { } parameter ? $"the gradient of '{parameter}'" : null;
                if (nonFinite is null)
                {
                    parts!.Update(part.Names, own.Request.Factors);
                    applied |= part.Names.Count > 0;
                }
            }
        }
    }

    /// <exception cref="InvalidOperationException">A gradient arrived after its parameter's update.</exception>
    private void RequireFreed()
    {
        foreach ((string name, Parameter parameter) in _model.named_parameters())
        {
            if (parameter.grad is { } late)
            {
                late.Dispose();
                throw new InvalidOperationException(
                    $"'{name}' got a gradient after its update: an earlier segment uses it without owning it. Register it there too, or set memory.update to 'after_backward'.");
            }
        }
    }

    /// <summary>The parameters that are updated after one segment's backward.</summary>
    private sealed class Part(IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        private readonly Parameter[] _parameters = [.. parameters.Select(static entry => entry.Parameter)];

        public HashSet<string> Names { get; } = [.. parameters.Select(static entry => entry.Name)];

        public void Free() => GradientSink.Free(_parameters);
    }

    /// <summary>Norms and shares of all parts.</summary>
    private sealed class NormSum
    {
        private double _before;
        private double _clipped;
        private double _share;
        private int _parts;

        public double Before => Math.Sqrt(_before);

        public double? Clipped { get; private set; }

        public double? Fraction => Clipped is null ? null : _share / Math.Max(1, _parts);

        public void Add(in TreatedGradients part)
        {
            _before += part.Norm * part.Norm;
            if (part.ClippedNorm is { } clipped)
            {
                _clipped += clipped * clipped;
                Clipped = Math.Sqrt(_clipped);
                _share += part.ClippedFraction ?? 0;
                _parts++;
            }
        }
    }
}
