using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Memory;
using Descent.Training.Models;

namespace Descent.Training;

/// <summary>
/// Carries the loop: gradients, update, validation, adjustment of the rate, checkpoints, until a termination condition is met.
/// </summary>
/// <remarks>
/// The trainer owns the optimizer it makes, not the model or the data. Call <see cref="Restore"/> before <see cref="Run"/> to go on from a
/// checkpoint: on the CPU the result is the same to the last bit as without the interruption.
/// </remarks>
/// <example><code>
/// using var trainer = new Trainer(new ModuleModel(module), data, batchSize: 64, new TrainingOptions { Stop = new() { Epochs = 2 } });
/// RunStopped end = trainer.Run();
/// </code></example>
public sealed partial class Trainer : IDisposable
{
    // Before a time budget is measured the end of the schedule is far away.
    private const long FarAway = long.MaxValue / 4;

    private readonly Model _model;
    private readonly DataSplit _data;
    private readonly TrainingOptions _options;
    private readonly Routing _routing;
    private readonly FusedOptimizer _optimizer;
    private readonly Loss _loss;
    private readonly long _microBatches;
    private readonly EvaluationWeights _evaluation;
    private readonly long _stepsPerEpoch;
    private readonly Validator _validator;
    private readonly Horizon _horizon;
    private readonly BestTracker _best;
    private readonly Termination _termination;

    private ITrainingObserver _observer = new ObserverList([]);
    private long _step;
    private DataCursor _cursor = new(0, 0);
    private PlateauState? _plateau;
    private IReadOnlyDictionary<string, double> _metrics = new Dictionary<string, double>();
    private long? _validatedStep;
    private long? _savedStep;
    private double _savedSeconds;
    private long _skipped;
    private double? _lastNorm;
    private bool _damaged;
    private readonly MappedArena? _stateArena;
    private ITrainingStep _trainingStep;
    private MemoryOptions _memory;
    private BestWeights? _bestWeights;

    /// <summary>Prepares the training of a model.</summary>
    /// <param name="model">The model, initialised. It stays the caller's.</param>
    /// <param name="data">Training and held-out samples.</param>
    /// <param name="batchSize">Samples in a batch; a step sees <see cref="GradientOptions.Accumulate"/> times as many.</param>
    /// <param name="options">Everything else.</param>
    /// <exception cref="BadInputException">The options do not fit the model or the data.</exception>
    public Trainer(Model model, DataSplit data, int batchSize, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (options.Memory is { BudgetBytes: not null, IsPlanned: false })
        {
            MemoryPlan plan = Planner.Of(model, data, batchSize, options);
            options = plan.Apply(options);
            batchSize = plan.Chosen!.Settings.BatchSize;
        }

        (_model, _data, _options) = (model, data, options);
        _ = options.Memory.Prefer == MemoryPreference.Speed ? NativeAllocator.KeepFreedBlocks() : NativeAllocator.ReturnFreedBlocks();
        StopOptions stop = options.Stop ?? new StopOptions { Epochs = 1 };
        _loss = (options.Loss ?? LossCatalog.DefaultFor(data.Training.Shape.Task)).Build();
        _scheduled = new ScheduledOptions(options, batchSize, DropoutLayers.Of(model));
        _routing = Routes.Of(model, options);
        _optimizer = FusedOptimizer.Create(_routing.Groups);
        _stateArena = StateArena.Open(model, options.Memory, _routing, _optimizer);
        _microBatches = options.Gradients.FullBatch ? (data.Training.Count + batchSize - 1) / batchSize : options.Gradients.Accumulate;
        _memory = options.Memory;
        _trainingStep = MakeStep(options);
        Guard = new MemoryGuard(MemoryState.Read, options.Memory.BudgetBytes);
        _evaluation = new EvaluationWeights(model, _optimizer, options, data.Training, batchSize);
        _validator = new Validator(model, _loss, data.Validation, batchSize, options.Validation.Batches);
        _stepsPerEpoch = Math.Max(1, data.Training.Count / (batchSize * _microBatches));
        _horizon = _scheduled.Has(ScheduledOptions.BatchSizeKey, ScheduledOptions.AccumulateKey)
            ? new Horizon(stop, StepsOf, AgreeAt)
            : new Horizon(stop, epochs => Math.Max(1, (long)Math.Round(epochs * _stepsPerEpoch)), AgreeAt);
        _best = new BestTracker(options.Validation.Metric);
        _termination = new Termination(stop, _horizon, _best);
        _plateau = options.Schedule is ReduceOnPlateauSchedule ? new PlateauState() : null;
    }

    /// <summary>Who is told what happens. Default: nobody.</summary>
    public IReadOnlyList<ITrainingObserver> Observers
    {
        get;
        init
        {
            field = value;
            _observer = new ObserverList(value);
        }
    }

        = [];

    /// <summary>Where checkpoints go. Null keeps the best weights in memory and writes nothing.</summary>
    public CheckpointStore? Checkpoints { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Writes a sample text. Null for models that write none.</summary>
    public Func<SampleOptions, string>? Sampler { get; init; }

    /// <summary>What observers are told of the run's folder and file.</summary>
    public RunDescription Description { get; init; } = new();

    /// <summary>Looks whether memory runs out.</summary>
    internal MemoryGuard Guard { get; init; }

    /// <summary>Optimizer steps done.</summary>
    public long Step => _step;

    /// <summary>The metrics of the last validation.</summary>
    public IReadOnlyDictionary<string, double> Metrics => _metrics;

    /// <summary>Seconds of training so far, over all sessions.</summary>
    public double Seconds { get; private set; }

    private bool CountsTokens => _data.Training.Shape.Task == TaskKind.LanguageModel;

    private double RateFactor => _options.Schedule.At(_step, _horizon.Steps ?? FarAway) * (_plateau?.Multiplier ?? 1);

    /// <summary>Trains until a termination condition is met or <paramref name="cancellation"/> asks to stop.</summary>
    /// <returns>Why and where it ended.</returns>
    /// <exception cref="BadInputException">The data turned out to be unusable.</exception>
    public RunStopped Run(CancellationToken cancellation = default)
    {
        _model.train();

        // Reading data and building models leaves garbage, which would stay beside the training.
        _ = Meter.Settled();
        _observer.OnStarted(DescribeStart());
        if (_horizon.Steps <= _options.Schedule.WarmupSteps)
        {
            _observer.OnWarning($"schedule.warmup_steps is {_options.Schedule.WarmupSteps} and the run has {_horizon.Steps} steps: it ends before its learning rate is reached");
        }

        WarnOfIdleSchedules();
        if (_step == 0)
        {
            WriteSample();
        }

        var meter = new ThroughputMeter(Time, Seconds);
        _savedSeconds = Seconds;

        // A checkpoint may have been written just before a validation ended the run.
        StopDecision? decision = _termination.AfterStep(_step, Seconds) ?? (_validatedStep == _step ? _termination.AfterValidation(_metrics) : null);
        while (decision is null)
        {
            Moment moment = Prepare();
            StepSettings settings = SettingsOf(moment);
            StepOutcome outcome = _trainingStep.Run(LoaderFor(moment.BatchSize), _step, settings);
            _step++;
            _cursor = _loader!.Cursor;
            meter.EndStep(CountsTokens ? outcome.Tokens : outcome.Samples);
            Seconds = meter.Seconds;
            _horizon.Observe(_step, Seconds);
            ReportStep(outcome, moment, settings, meter);
            if (outcome.NonFinite is null)
            {
                _lastNorm = outcome.GradientNorm;
                _evaluation.AfterStep(_step, _horizon.Steps, _stepsPerEpoch);
            }

            decision = AfterNonFinite(outcome) ?? ValidateIfDue() ?? _termination.AfterStep(_step, Seconds) ?? SpareMemory();
            if (decision is null && cancellation.IsCancellationRequested)
            {
                decision = new StopDecision(StopReason.Interrupted, "interrupted");
            }

            if (decision is null)
            {
                SaveIfDue();
            }

            meter.EndPause();
            Seconds = meter.Seconds;
        }

        _loader?.Dispose();
        _loader = null;
        return Finish(decision.Value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loader?.Dispose();
        _bestWeights?.Dispose();
        _evaluation.Dispose();
        (_trainingStep as IDisposable)?.Dispose();
        _optimizer.Dispose();
        if (_stateArena != _model.Arena)
        {
            _stateArena?.Dispose();
        }
    }

    private StopDecision? AfterNonFinite(in StepOutcome outcome)
    {
        if (outcome.NonFinite is not { } what)
        {
            return null;
        }

        _damaged = outcome.PartlyApplied;
        string message = $"{what} is not finite at step {_step}" + (_damaged ? ", when other parameters were updated already: go on from the last checkpoint" : "");
        if (_options.Gradients.NonFinite == NonFiniteAction.Stop)
        {
            return new StopDecision(StopReason.NonFinite, $"{message}; lower optimizer.learning_rate or set gradients.clip_norm");
        }

        _skipped++;
        _observer.OnWarning($"{message}; the step is skipped");
        return null;
    }

    private StopDecision? ValidateIfDue()
        => _options.Validation.EverySteps > 0 && _step % _options.Validation.EverySteps == 0 ? Validate() : null;

    private StopDecision? Validate()
    {
        using EvaluationSwap? swap = _evaluation.Enter(_step);
        _metrics = _validator.Run()
            .Concat(Penalties.Of(_model, _options.Regularization).Select(penalty => KeyValuePair.Create(penalty.Name, penalty.Value)))
            .ToDictionary();
        _validatedStep = _step;
        bool isBest = _best.Observe(_step, _metrics);
        if (_options.Schedule is ReduceOnPlateauSchedule plateau)
        {
            _plateau = (plateau with { HigherIsBetter = !_best.LowerIsBetter }).Next(_plateau!, _metrics[_best.Metric]);
        }

        _observer.OnValidated(new ValidationReport { Step = _step, Metrics = _metrics, IsBest = isBest, Seconds = Seconds });
        if (isBest)
        {
            KeepBest(swap);
        }

        return _termination.AfterValidation(_metrics);
    }

    private RunStopped Finish(StopDecision decision)
    {
        bool complete = decision.Reason is not (StopReason.Interrupted or StopReason.NonFinite or StopReason.Memory);
        if (complete && _validatedStep != _step)
        {
            Validate();
        }

        if (Checkpoints is not null && _savedStep != _step && !_damaged)
        {
            Save(isBest: false);
        }

        if (complete)
        {
            // What is left in the model is what was measured and saved.
            _evaluation.Keep(_step);
        }

        bool restored = decision.Reason == StopReason.Patience && RestoreBest();
        if (complete)
        {
            WriteSample();
        }

        var stopped = new RunStopped
        {
            Reason = decision.Reason,
            Message = decision.Message
                + (restored ? $"; the weights of step {_best.Step} are restored" : "")
                + (_skipped > 0 ? $"; {_skipped} steps were skipped, their loss or gradient was not finite" : ""),
            Step = _step,
            Seconds = Seconds,
            BestStep = _best.Step,
            BestMetric = _best.Value,
            RestoredBest = restored,
        };
        _observer.OnStopped(stopped);
        return stopped;
    }
}
