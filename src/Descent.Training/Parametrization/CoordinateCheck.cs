using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using Descent.Training.Probing;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Parametrization;

/// <summary>
/// Trains a run's model for a few steps at several widths, in standard parametrization and in muP, and measures how large the output of each segment is and how far training has moved it: under muP
/// neither depends on the width.
/// </summary>
/// <remarks>
/// The coordinate check of Yang et al. 2022, arXiv 2203.03466, appendix D.1, and of the <c>mup</c> package. Beside mean |x| it measures mean |x − x₀| on the same inputs: the output starts smaller in wide models
/// under muP, as 1/√m, which is allowed, and its change shows after the first step what its size shows after several. The inputs are one batch, without dropout; the rate is the run's own at every step, schedules left out.
/// </remarks>
public static class CoordinateCheck
{
    private const int MostSamples = 16;

    /// <summary>Measures.</summary>
    /// <param name="configuration">The run; where it is not in muP yet, the smallest width becomes the base width.</param>
    /// <param name="data">Its data.</param>
    /// <param name="options">Widths, steps and seeds.</param>
    /// <param name="progress">Is told what is trained.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="BadInputException">The model has no width to vary, or the options don't fit it.</exception>
    public static CoordinateTable Run(
        RunConfiguration configuration, DataSplit data, CoordinateCheckOptions options, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        IScalableModel scalable = configuration.Model as IScalableModel
            ?? throw new BadInputException($"model.kind is {configuration.Model.Kind}, whose width can't be varied here; take gpt or mlp");
        if (configuration.Initialization.From is not null)
        {
            throw new BadInputException("initialization.from gives the weights of one width; a coordinate check starts from random ones, leave it out");
        }

        List<CoordinateCurve> curves = [];
        foreach (ParametrizationKind kind in Enum.GetValues<ParametrizationKind>())
        {
            // Parametrized first: muP's base model is that of the run, whatever width is looked at.
            var parametrized = (IScalableModel)scalable.InParametrization(ParametrizationKind.Mup, options.Widths[0]);
            List<Readings> readings = [];
            foreach (int width in options.Widths)
            {
                ModelOptions model = ((IScalableModel)parametrized.AtWidth(width)).InParametrization(kind, options.Widths[0]);
                for (int seed = 0; seed < options.Seeds; seed++)
                {
                    progress?.Report($"{kind.ToString().ToLowerInvariant()}, width {width}{(options.Seeds > 1 ? $", seed {configuration.Training.Seed + seed}" : "")}");
                    RunConfiguration run = configuration with { Model = model, Training = configuration.Training with { Seed = configuration.Training.Seed + seed } };
                    readings.Add(Read(run, data, options.Steps, width, cancellation));
                }
            }

            string[] segments = readings[0].Segments;
            curves.AddRange(segments.Select((name, segment) => new CoordinateCurve
            {
                Parametrization = kind,
                Segment = name,
                Widths = options.Widths,
                Sizes = Means(readings, reading => reading.Sizes, segment, options),
                Changes = Means(readings, reading => reading.Changes, segment, options),
            }));
        }

        return new CoordinateTable { Options = options, Curves = curves };
    }

    private static double[][] Means(List<Readings> readings, Func<Readings, List<double[]>> of, int segment, CoordinateCheckOptions options) =>
    [
        .. Enumerable.Range(0, options.Steps + 1).Select(step => options.Widths
            .Select(width => Math.Exp(readings.Where(reading => reading.Width == width).Average(reading => Math.Log(step < of(reading).Count ? of(reading)[step][segment] : double.NaN)))).ToArray()),
    ];

    private static Readings Read(RunConfiguration run, DataSplit data, int steps, int width, CancellationToken cancellation)
    {
        using Model model = TrainingRun.Build(run, data.Training.Shape);
        run.Initialization.Apply(model, run.Training.Seed);
        using var loader = new BatchLoader(data.Training, (int)Math.Min(Math.Min(run.Data.BatchSize, MostSamples), data.Training.Count), run.Training.Seed);
        using Batch batch = loader.Next();
        using var probe = new Probe(model, batch.Inputs, width);
        probe.Read();
        double rate = run.Training.Optimizer.LearningRate;
        _ = ProbeRun.Train(model, data, run.Data.BatchSize, run.Training, rate, rate, steps, probe, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return probe.Readings;
    }

    private sealed record Readings(int Width, string[] Segments)
    {
        public List<double[]> Sizes { get; } = [];

        public List<double[]> Changes { get; } = [];
    }

    /// <summary>Looks at the outputs of all segments after each step.</summary>
    private sealed class Probe(Model model, Tensor inputs, int width) : ITrainingObserver, IDisposable
    {
        private readonly List<Tensor> _first = [];

        public Readings Readings { get; } = new(width, [.. model.Segments.Select((_, index) => NameOf(model, index))]);

        public void OnStep(StepReport step) => Read();

        public void Read()
        {
            using IDisposable noGrad = no_grad();
            using DisposeScope scope = NewDisposeScope();
            bool wasTraining = model.training;
            model.eval();
            double[] sizes = new double[model.Segments.Count], changes = new double[model.Segments.Count];
            Tensor x = inputs;
            for (int i = 0; i < model.Segments.Count; i++)
            {
                x = model.Segments[i].call(x);
                if (_first.Count == i)
                {
                    _first.Add(x.clone().DetachFromDisposeScope());
                }

                sizes[i] = x.abs().mean().item<float>();
                changes[i] = x.sub(_first[i]).abs().mean().item<float>();
            }

            Readings.Sizes.Add(sizes);
            Readings.Changes.Add(changes);
            model.train(wasTraining);
        }

        public void Dispose() => _first.ForEach(static tensor => tensor.Dispose());

        private static string NameOf(Model model, int index) => model switch
        {
            GptModel when index == 0 => "embedding",
            GptModel when index == model.Segments.Count - 1 => "logits",
            GptModel => $"block {index}",
            _ when index == model.Segments.Count - 1 => "outputs",
            _ => $"layer {index + 1}",
        };
    }
}
