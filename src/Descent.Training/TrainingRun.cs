using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Folds;
using Descent.Training.Initialization;
using Descent.Training.Memory;
using Descent.Training.Models;

namespace Descent.Training;

/// <summary>A run of a run file in a folder of its own: opens the data, builds and initialises the model, trains, writes everything down.</summary>
/// <example><code>
/// using TrainingRun run = TrainingRun.Start(RunFile.Load("run.yaml"), "runs/first");
/// RunStopped end = run.Execute();
/// </code></example>
public sealed class TrainingRun : IDisposable
{
    private readonly MetricsFile _metrics;
    private readonly Trainer _trainer;
    private readonly DataSplit _data;

    private TrainingRun(
        RunConfiguration configuration,
        RunDirectory directory,
        DataSplit data,
        Model model,
        IEnumerable<ITrainingObserver> observers)
    {
        (Configuration, _data, Directory, Model) = (configuration, data, directory, model);
        TrainingOptions options = configuration.Training;
        _metrics = new MetricsFile(directory.MetricsPath);
        _trainer = new Trainer(model, data, configuration.Data.BatchSize, options)
        {
            Observers = [_metrics, .. observers],
            Checkpoints = new CheckpointStore(directory.CheckpointsPath, options.Checkpoints.KeepLast, options.Checkpoints.KeepBest),
            Sampler = SampleWriter.For(model, data.Tokenizer, options.Seed),
            Description = new RunDescription
            {
                Directory = directory.Path,
                Model = configuration.Model.Describe(),
                Configuration = RunFile.Write(configuration),
            },
        };
    }

    /// <summary>The run's folder.</summary>
    public RunDirectory Directory { get; }

    /// <summary>What is trained and how, as it was resolved.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>The model in training.</summary>
    public Model Model { get; }

    /// <summary>Begins a new run.</summary>
    /// <param name="configuration">What to train and how.</param>
    /// <param name="path">The run's folder; null names it by the time below <c>runs</c>.</param>
    /// <param name="observers">Who else is told what happens.</param>
    /// <param name="progress">Is told what the preparation does.</param>
    /// <param name="planned">Is told the plan, where <c>memory.budget</c> asks for one.</param>
    /// <exception cref="BadInputException">The configuration, the data or the folder cannot be used.</exception>
    public static TrainingRun Start(
        RunConfiguration configuration,
        string? path = null,
        IEnumerable<ITrainingObserver>? observers = null,
        IProgress<string>? progress = null,
        Action<MemoryPlan>? planned = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (path is not null)
        {
            RunDirectory.RequireUnused(path);
        }

        InitializationOptions initialization = configuration.Initialization;
        configuration = configuration with
        {
            // A run may be resumed from another working directory.
            Data = configuration.Data.WithFullPaths(),
            Initialization = initialization with
            {
                From = initialization.From is { } from ? Path.GetFullPath(from) : null,
                OptimizerState = initialization.OptimizerState is { } state ? Path.GetFullPath(state) : null,
            },
            Training = configuration.Training with
            {
                Memory = configuration.Training.Memory is { Folder: { } folder } memory ? memory with { Folder = Path.GetFullPath(folder) } : configuration.Training.Memory,
            },
        };
        DataSplit data = configuration.OpenData(progress);
        if (configuration.Training.Memory.BudgetBytes is not null)
        {
            MemoryPlan plan = Planner.Of(configuration, data, progress);
            planned?.Invoke(plan);
            configuration = plan.Apply(configuration);
            progress?.Report($"plan: {plan.Chosen!.Settings.Describe()}: {plan.Reason}; predicted: {MemorySize.Format(plan.Chosen.Peak.Total)}, {plan.Chosen.StepSeconds:0.000} s a step");
        }

        progress?.Report("building the model");
        Model model = Build(configuration, data.Training.Shape);
        configuration.Initialization.Apply(model, configuration.Training.Seed);

        // Nothing is written before all of the input is known to be good.
        Preflight.Check(model, data, configuration.Data.BatchSize, configuration.Training);
        EarlierState.RequireFit(model, configuration.Training, configuration.Initialization.OptimizerState);
        RunDirectory directory = RunDirectory.Create(path, DateTimeOffset.Now);
        try
        {
            if (data.Tokenizer is { } tokenizer)
            {
                tokenizer.Save(directory.TokenizerPath);
            }

            RunFile.Save(configuration, directory.ConfigurationPath);
            var run = new TrainingRun(configuration, directory, data, model, observers ?? []);
            run._trainer.TakeOver(configuration.Initialization.OptimizerState, progress);
            return run;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with a run from its newest good checkpoint. On the CPU the result is bit-identical to an uninterrupted run's.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="overrides">Assignments such as <c>stop.steps=2000</c>, to go on under other settings; they are written to the run file.</param>
    /// <param name="observers">Who else is told what happens.</param>
    /// <param name="progress">Is told what the preparation does, and which damaged checkpoints were passed over.</param>
    /// <exception cref="BadInputException">There is no run, no checkpoint of it is whole, or the data is not what it was.</exception>
    public static TrainingRun Resume(
        string path,
        IEnumerable<string>? overrides = null,
        IEnumerable<ITrainingObserver>? observers = null,
        IProgress<string>? progress = null)
    {
        RunDirectory directory = RunDirectory.OpenToWrite(path);
        try
        {
            string[] assignments = overrides?.ToArray() ?? [];
            RunConfiguration configuration = Planned(RunFile.Load(directory.ConfigurationPath, assignments));
            long seed = RunFile.Load(directory.ConfigurationPath).Training.Seed;
            if (configuration.Training.Seed != seed)
            {
                throw new BadInputException($"seed is {configuration.Training.Seed}, but this run was begun with {seed}; a run keeps its seed, start another with 'descent train'");
            }

            var store = new CheckpointStore(directory.CheckpointsPath);
            Checkpoint? checkpoint = store.Steps.Count > 0 ? store.OpenNewest(warning => progress?.Report($"warning: {warning}")) : null;
            DataSplit data = OpenWithTokenizer(configuration, directory, progress);
            Model model = Build(configuration, data.Training.Shape);
            TrainingRun run;
            if (checkpoint is null)
            {
                progress?.Report("the run ended before its first checkpoint: it starts again from the beginning");
                configuration.Initialization.Apply(model, configuration.Training.Seed);
                run = new TrainingRun(configuration, directory, data, model, observers ?? []);
                run._trainer.TakeOver(configuration.Initialization.OptimizerState, progress);
            }
            else
            {
                progress?.Report($"going on from step {checkpoint.State.Step}");
                run = new TrainingRun(configuration, directory, data, model, observers ?? []);
                run._trainer.Restore(checkpoint);
            }

            if (assignments.Length > 0)
            {
                RunFile.Save(configuration, directory.ConfigurationPath);
            }

            return run;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Trains until the end.</summary>
    /// <param name="cancellation">Asks for a checkpoint and an early end.</param>
    public RunStopped Execute(CancellationToken cancellation = default) => _trainer.Run(cancellation);

    /// <summary>Measures the model of a fold that was trained to its end on all of its held-out samples, and writes that and its predictions into the run's folder.</summary>
    /// <param name="stopped">How the training ended.</param>
    /// <returns>What came of the fold.</returns>
    /// <exception cref="InvalidOperationException">The run isn't one of a fold.</exception>
    public FoldResult MeasureFold(RunStopped stopped)
    {
        ArgumentNullException.ThrowIfNull(stopped);
        FoldChoice fold = FoldChoice.Of(Configuration.Training.Validation) ?? throw new InvalidOperationException("The run has no validation.folds: there is no fold to measure.");
        (FoldResult result, OutOfFold predictions) = FoldMeasurement.Of(
            Model, _data, Configuration.Data.BatchSize, Configuration.Training, fold.Place, stopped);
        FoldFolder.Write(Directory.Path, result, predictions);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainer.Dispose();
        _metrics.Dispose();
        Model.Dispose();
        Directory.Dispose();
    }

    // What was planned at the start stands in the run's file.
    private static RunConfiguration Planned(RunConfiguration configuration) => configuration with
    {
        Training = configuration.Training with { Memory = configuration.Training.Memory with { IsPlanned = true } },
    };

    internal static Model Build(RunConfiguration configuration, DataShape shape)
    {
        ModelOptions options = configuration.Training.Regularization.Dropout is { } dropout
            ? configuration.Model.WithDropout(dropout)
            : configuration.Model;
        return options.Build(shape, configuration.Training.Memory);
    }

    // Learning the tokenizer again would give the same one, later.
    private static DataSplit OpenWithTokenizer(RunConfiguration configuration, RunDirectory directory, IProgress<string>? progress)
        => configuration.OpenData(progress, System.IO.Directory.Exists(directory.TokenizerPath) ? directory.TokenizerPath : null);
}
