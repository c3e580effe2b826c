using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;

namespace Descent.Training.Memory;

/// <summary>Measures a model's segments and predicts from them.</summary>
internal sealed class Planner
{
    // What a run has beside the model that a plan does not: its optimizer, loader, files and the code of all that.
    private const long RunBytes = 20_000_000;

    private readonly Func<ParameterFormat, Model> _model;
    private readonly bool _ownsModels;
    private readonly int[]? _repeats;
    private readonly DataSplit _data;
    private readonly int _batchSize;
    private readonly TrainingOptions _options;
    private readonly IProgress<string>? _progress;
    private readonly Dictionary<(ParameterFormat, int), SegmentCost[]> _bytes = [];
    private readonly Dictionary<(MemoryPreference, ParameterFormat, int), SegmentCost[]> _seconds = [];
    private readonly Dictionary<(StateFormat, ParameterFormat), long[]> _states = [];
    private readonly Dictionary<(MemoryPreference, StateFormat, ParameterFormat), UpdateCost> _updates = [];
    private long _largestMatrix;
    private bool _splits;
    private Routing? _routing;

    private Planner(Func<ParameterFormat, Model> model, bool ownsModels, int[]? repeats, DataSplit data, int batchSize, TrainingOptions options, IProgress<string>? progress)
    {
        if (!Meter.IsAvailable)
        {
            throw new BadInputException("memory.budget: this system doesn't tell the peak memory of a process, which plans are made of; they need Linux. Set memory.recompute, update and state by hand");
        }

        if (options.Optimizer is LbfgsOptions)
        {
            throw new BadInputException("memory.budget: a step of 'lbfgs' takes as many passes as it likes, which no plan can tell; set memory.recompute and prefer by hand, or take another optimizer");
        }

        (_model, _ownsModels, _repeats, _data, _batchSize, _options, _progress) = (model, ownsModels, repeats, data, batchSize, options, progress);
    }

    /// <summary>A plan for a run file. Repeated blocks are measured once, so that a model larger than memory can be planned.</summary>
    public static MemoryPlan Of(RunConfiguration configuration, DataSplit data, IProgress<string>? progress)
    {
        TrainingOptions options = configuration.Training;
        ModelOptions model = options.Regularization.Dropout is { } dropout ? configuration.Model.WithDropout(dropout) : configuration.Model;
        (ModelOptions sample, int[]? repeats) = model.Sample();
        // A pattern that names the sixth block finds none in a model of one.
        if (repeats is not null && !Fits(() => sample.Build(data.Training.Shape), options with { Memory = new MemoryOptions() }))
        {
            (sample, repeats) = (model, null);
        }

        var planner = new Planner(
            format => sample.Build(data.Training.Shape, new MemoryOptions { Parameters = format }), ownsModels: true, repeats, data, configuration.Data.BatchSize, options, progress);
        return planner.Run(model.WidensParameters, resident: 0);
    }

    /// <summary>A plan for a model that is there.</summary>
    public static MemoryPlan Of(Model model, DataSplit data, int batchSize, TrainingOptions options) =>
        new Planner(_ => model, ownsModels: false, null, data, batchSize, options, null)
            .Run(widens: false, resident: model.parameters().Sum(static parameter => parameter.numel() * parameter.element_size()));

    private MemoryPlan Run(bool widens, long resident)
    {
        ParameterFormat[] formats = _options.Memory.AllowRounding && widens
            && Fits(() => _model(ParameterFormat.Bfloat16), _options with { Memory = _options.Memory with { Parameters = ParameterFormat.Bfloat16 } })
            ? [_options.Memory.Parameters, ParameterFormat.Bfloat16]
            : [_options.Memory.Parameters];
        StateFormat given = _options.Optimizer.StateFormat;
        StateFormat[] states = _options.Memory.AllowRounding && given == StateFormat.Float32 && RoundsStates ? [given, StateFormat.Bfloat16, StateFormat.Int8] : [given];
        int segments = 0;
        foreach (ParameterFormat format in formats.Distinct())
        {
            Model model = _model(format);
            try
            {
                segments = Measure(model, format, states);
            }
            finally
            {
                if (_ownsModels)
                {
                    model.Dispose();
                }
            }
        }

        _ = NativeAllocator.ReturnFreedBlocks();
        WideRoom.Forget();
        long process = Meter.Settled() - resident + RunBytes;
        ForecastFacts facts = Facts(process);
        var candidates = new PlanCandidates(_options, _routing!, _batchSize, segments, _splits, formats, states);
        Meter.Forget();
        PlanRow[] rows = [.. candidates.All().Select(settings => Forecast.Of(facts, settings)).OrderBy(static row => row.StepSeconds)];
        return PlanChoice.Make(rows, Forecast.Of(facts, candidates.AsGiven), _options.Memory);
    }

    private int Small => Math.Max(1, _batchSize / 2);

    private bool RoundsStates => _options.Optimizer is not (MatrixOptions or LbfgsOptions) && _options.Optimizer.Scope == UpdateScope.Element;

    private int Measure(Model model, ParameterFormat format, StateFormat[] states)
    {
        _routing ??= Routes.Of(model, _options);
        Loss loss = (_options.Loss ?? LossCatalog.DefaultFor(_data.Training.Shape.Task)).Build();
        var probe = new SegmentProbe(model, loss);
        _splits = !model.named_buffers(include_nonpersistent: false).Any();
        _largestMatrix = model.parameters().Where(static parameter => parameter.dim() > 1).Select(static parameter => parameter.numel()).DefaultIfEmpty().Max();
        int[] sizes = [.. new[] { Small, _batchSize }.Distinct()];
        _ = NativeAllocator.ReturnFreedBlocks();
        _progress?.Report($"measuring the memory of segments{Suffix(format)}");
        foreach (int size in sizes)
        {
            using Batch batch = BatchOf(size);
            _bytes[(format, size)] = probe.Measure(batch, exact: true);
        }

        foreach (MemoryPreference prefer in new[] { MemoryPreference.Memory, MemoryPreference.Speed })
        {
            _ = prefer == MemoryPreference.Speed ? NativeAllocator.KeepFreedBlocks() : NativeAllocator.ReturnFreedBlocks();
            _progress?.Report($"measuring their time, prefer {prefer.ToString().ToLowerInvariant()}{Suffix(format)}");
            foreach (int size in sizes)
            {
                using Batch batch = BatchOf(size);
                SegmentCost[] costs = probe.Measure(batch, exact: false);
                _seconds[(prefer, format, size)] = HasRoomForAPass(format, size)
                    ? SegmentCost.Slower(costs, PassProbe.Measure(model, loss, _options.Seed, batch, costs))
                    : costs;
            }

            foreach (StateFormat state in states)
            {
                _updates[(prefer, state, format)] = UpdateCost.Measure(Routed(model, state));
            }
        }

        foreach (StateFormat state in states)
        {
            Routing routed = Routed(model, state);
            long[] bytes = new long[model.Segments.Count];
            foreach ((string name, _, int segment) in SegmentOwners.Of(model))
            {
                bytes[segment] += routed.StateBytesOf(name);
            }

            _states[(state, format)] = Repeat(bytes);
        }

        return _repeats?.Sum() ?? model.Segments.Count;
    }

    private bool HasRoomForAPass(ParameterFormat format, int size) =>
        _options.Memory.BudgetBytes is not { } budget || _bytes[(format, size)].Sum(static segment => segment.Kept + segment.Parameters) < budget / 2;

    private Routing Routed(Model model, StateFormat state) =>
        Routes.Of(model, state == _options.Optimizer.StateFormat ? _options : _options with { Optimizer = _options.Optimizer with { StateFormat = state } });

    private Batch BatchOf(int size)
    {
        using var loader = new BatchLoader(_data.Training, size, _options.Seed, prefetch: 0);
        return loader.Next();
    }

    /// <summary>Whether a model can be trained with these options.</summary>
    private static bool Fits(Func<Model> build, TrainingOptions options)
    {
        using Model model = build();
        try
        {
            Routes.Of(model, options);
            return true;
        }
        catch (BadInputException)
        {
            return false;
        }
    }

    private ForecastFacts Facts(long process)
    {
        bool averages = _options.Average is not NoAverageOptions;
        long parameters = Repeat(_bytes[(_options.Memory.Parameters, _batchSize)]).Sum(static segment => segment.Elements) * sizeof(float);
        return new ForecastFacts
        {
            Process = process,
            Segments = SegmentsAt,
            States = (state, format) => _states[(state, format)],
            Update = (prefer, state, format) => _updates[(prefer, state, format)],
            Copies = ((averages ? 1 : 0) + (_options.Sharpness.Rho > 0 ? 1 : 0)) * parameters,
            Swaps = averages || _options.Optimizer.EvaluationPoint is not null,
            LargestMatrix = _largestMatrix,
            Fragments = NativeAllocator.KeptShare,
            DiskRate = _options.Memory.Folder is { } folder ? DiskSpeed.Measure(folder) : double.PositiveInfinity,
            Passes = _options.Sharpness.Rho > 0 ? 2 : 1,
            SecondPass = (_options.Gradients.ClipNorm is not null || _options.Gradients.NonFinite == NonFiniteAction.Skip) && _options.Memory.Norm == NormSource.SecondPass,
        };
    }

    private SegmentCost[] SegmentsAt(MemoryPreference prefer, ParameterFormat format, int size)
    {
        SegmentCost[] Line(Func<int, SegmentCost[]> measured) =>
            [.. measured(Small).Zip(measured(_batchSize), (low, high) => SegmentCost.At(size, low, Small, high, _batchSize))];
        return Repeat(Line(measuredAt => _bytes[(format, measuredAt)]).Zip(Line(measuredAt => _seconds[(prefer, format, measuredAt)]), static (bytes, times) => bytes with
        {
            ForwardSeconds = times.ForwardSeconds,
            InferenceSeconds = times.InferenceSeconds,
            BackwardSeconds = times.BackwardSeconds,
        }).ToArray());
    }

    private static string Suffix(ParameterFormat format) => format == ParameterFormat.Float32 ? "" : ", parameters bfloat16";

    private T[] Repeat<T>(T[] segments) => _repeats is null ? segments : [.. segments.SelectMany((segment, i) => Enumerable.Repeat(segment, _repeats[i]))];
}
