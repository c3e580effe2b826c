using Descent.Cli.Tuning;
using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using Descent.Tuning;
using Descent.Tuning.Races;

namespace Descent.Cli.Comparing;

/// <summary>What is compared: a run file, contenders, and the run that each of their points means.</summary>
internal sealed class CompareSetup
{
    // So many validations a run has at least: steps to a target are read off them, and a pruner looks at them.
    private const int LeastValidations = 8;

    private readonly RunTemplate _template;
    private readonly Dictionary<string, OptimizerContender> _contenders = [];
    private readonly long? _steps;
    private readonly bool _namesOptimizer;

    private CompareSetup(RunTemplate template, RunConfiguration run, long? steps)
    {
        (_template, Run, _steps) = (template, run, steps);

        // Defaults of a section that isn't there are nobody's choice.
        _namesOptimizer = template.Yaml.Split('\n').Any(static line => line.StartsWith("optimizer:", StringComparison.Ordinal));
    }

    /// <summary>The run file's own run.</summary>
    public RunConfiguration Run { get; }

    /// <summary>The metric that decides.</summary>
    public ValidationOptions Validation => Run.Training.Validation;

    /// <summary>The contenders.</summary>
    public IReadOnlyList<Contender> Contenders => [.. _contenders.Values.Select(static contender => contender.Contender)];

    /// <summary>Optimizers that aren't compared, and why.</summary>
    public IReadOnlyList<(string Name, string Why)> LeftOut { get; private set; } = [];

    /// <summary>What is said of the run, a line each.</summary>
    public IReadOnlyList<string> About { get; private set; } = [];

    /// <summary>Reads all that is asked for. Nothing is written.</summary>
    /// <exception cref="BadInputException">Something can't be used.</exception>
    public static CompareSetup Load(CompareOptions options, IProgress<string> progress)
    {
        foreach (string name in options.Optimizers ?? [])
        {
            if (!OptimizerCatalog.Names.Contains(name))
            {
                throw new BadInputException($"--optimizers: '{name}' is {(TrainingOptimizers.Names.Contains(name) ? "no rule that steps once a batch, which is what is compared" : "no optimizer")}; {NearestName.Hint(name, OptimizerCatalog.Names)}");
            }
        }

        if (options.Optimizers is { } named && named.Distinct().Count() < 2)
        {
            throw new BadInputException($"--optimizers is '{string.Join(',', named)}'; allowed: at least two different ones, or there is nothing to compare");
        }

        (IReadOnlyList<string> plain, Dictionary<string, string> ranges) = Assignments.Split(options.Settings);
        if (plain.Select(Assignments.KeyOf).Concat(ranges.Keys).FirstOrDefault(static key => key is "optimizer" or "optimizer.kind") is { } kind)
        {
            throw new BadInputException($"--set {kind}: which optimizers are compared is said with --optimizers");
        }

        if (ranges.ContainsKey("seed"))
        {
            throw new BadInputException("--set seed: it can't be searched, for the luckiest is none to recommend; --seeds says with how many each is trained");
        }

        RunTemplate template = RunTemplate.Load(options.File, plain);
        RunConfiguration run = template.Bind([]);
        if (options.ParsedTarget() is { } target && (target.Metric != run.Training.Validation.Metric || target.Below != run.Training.Validation.LowerIsBetter))
        {
            string metric = run.Training.Validation.Metric;
            throw new BadInputException(
                $"--target is '{options.Target}'; allowed: {metric}{(run.Training.Validation.LowerIsBetter ? "<" : ">")}VALUE, since {metric} is the metric that decides (validation.metric)");
        }

        DataSplit data = run.Data.Open(progress);
        using Model model = TrainingRun.Build(run, data.Training.Shape);
        var setup = new CompareSetup(template, run, StepsOf(run, data));
        setup.Choose(options, plain, ranges, new OptimizerFit(run, data, model, options.Workers));
        setup.About = [$"{run.Model.Describe()}, {Figures.Count(model.parameters().Sum(static parameter => parameter.numel()))} parameters", data.Description];
        return setup;
    }

    /// <summary>The run of a point: the contender's settings in the run file, with a seed, to its end or only a part of it.</summary>
    /// <exception cref="BadInputException">The point can't be trained.</exception>
    public RunConfiguration At(string contender, Configuration point, long seed, double length)
    {
        RunConfiguration run = Best(contender, point);
        TrainingOptions training = run.Training;
        StopOptions stop = training.Stop!;
        return run with
        {
            Training = training with
            {
                Seed = seed,

                // All runs go to the same end; what happens on the way there is read off the curve.
                Stop = stop with
                {
                    Target = null,
                    Patience = null,
                    Steps = stop.Steps is { } steps ? Part(steps, length) : null,
                    Epochs = stop.Epochs * length,
                    Minutes = stop.Minutes * length,
                },
                Schedule = length < 1 && training.Schedule.WarmupSteps > 0 ? training.Schedule with { WarmupSteps = Part(training.Schedule.WarmupSteps, length) } : training.Schedule,
                Validation = training.Validation with { EverySteps = Part(Every(training.Validation.EverySteps), length) },
                Sample = new SampleOptions { Tokens = 0 },
                Checkpoints = new CheckpointOptions { EveryMinutes = 1, KeepLast = 1, KeepBest = false },
            },
        };
    }

    /// <summary>The run file with a contender's settings, else as it is: what a person trains.</summary>
    public RunConfiguration Best(string contender, Configuration point)
    {
        RunConfiguration run = _template.Bind(_contenders[contender].Assignments(point));

        // It may be trained from another working directory.
        return run with { Data = run.Data.WithFullPaths() };
    }

    /// <summary>What all runs have in common: what must be the same to go on with a comparison.</summary>
    public string Describe(CompareOptions options) => FormattableString.Invariant($"# descent compare, searches of {options.SearchLength:R} of a run\n{_template.Yaml}");

    private void Choose(CompareOptions options, IReadOnlyList<string> plain, Dictionary<string, string> ranges, OptimizerFit fit)
    {
        HashSet<string> pinned = [.. plain.Select(Assignments.KeyOf)];

        // The file's own ranges of an optimizer are for the one that it names; those of other keys are for all.
        foreach ((string key, string text) in _template.Search.Where(entry => !entry.Key.StartsWith("optimizer", StringComparison.Ordinal) && !pinned.Contains(entry.Key)))
        {
            ranges.TryAdd(key, text);
        }

        List<(string Name, string Why)> leftOut = [];
        foreach (string name in options.Optimizers?.Distinct() ?? OptimizerCatalog.Names)
        {
            string? why = options.Optimizers is null ? fit.WhyLeftOut(name) : null;
            why ??= Enter(name, pinned, ranges, fit, options.Optimizers is not null);
            if (why is not null)
            {
                leftOut.Add((name, why));
            }
        }

        LeftOut = leftOut;
        if (_contenders.Count < 2)
        {
            throw new BadInputException($"only {(_contenders.Count == 0 ? "none" : _contenders.Keys.Single())} of the optimizers fits this run ({string.Join("; ", leftOut.Take(3).Select(static entry => $"{entry.Name}: {entry.Why}"))}); there is nothing to compare");
        }
    }

    /// <summary>Makes a contender, once it is clear that every end of its ranges binds.</summary>
    /// <returns>Why it can't be one.</returns>
    private string? Enter(string name, HashSet<string> pinned, Dictionary<string, string> ranges, OptimizerFit fit, bool isNamed)
    {
        try
        {
            TrainingOptions plain = _template.Bind([$"optimizer.kind={name}"]).Training;
            TrainingOptions? own = _namesOptimizer && Run.Training.Optimizer.Kind == name ? plain : null;
            Parameter[] shared = [.. ranges.Select(static range => ParameterText.Parse(range.Key, range.Value))];
            OptimizerContender contender = new(name, own, plain.Optimizer, pinned, shared);
            _contenders[name] = contender;
            SearchSpace space = contender.Contender.Space;
            foreach (double place in new[] { 0.5, 0, Math.BitDecrement(1.0) })
            {
                _ = Best(name, space.FromUnit([.. space.Parameters.Select(_ => place)]));
            }

            if (fit.WhyNot(plain) is not { } why)
            {
                return null;
            }

            throw new BadInputException(why);
        }
        catch (Exception exception) when (exception is BadInputException or SearchSpaceException)
        {
            _contenders.Remove(name);
            return isNamed ? throw new BadInputException($"{name}: {exception.Message}", exception) : exception.Message;
        }
    }

    private static long? StepsOf(RunConfiguration run, DataSplit data)
    {
        StopOptions stop = run.Training.Stop!;
        double perEpoch = data.Training.Count / (double)(run.Data.BatchSize * run.Training.Gradients.Accumulate);
        long? epochs = stop.Epochs is { } count ? Math.Max(1, (long)(count * perEpoch)) : null;
        return stop.Steps is { } steps && epochs is { } other ? Math.Min(steps, other) : stop.Steps ?? epochs;
    }

    private long Every(long given) => _steps is not { } steps || (given > 0 && given <= steps / LeastValidations) ? given : Math.Max(1, steps / LeastValidations);

    private static long Part(long count, double length) => count == 0 ? 0 : Math.Max(1, (long)Math.Round(count * length));
}
