using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Memory;
using Descent.Tuning;
using Descent.Tuning.Pruners;
using Descent.Tuning.Samplers;

namespace Descent.Cli.Tuning;

/// <summary>How <c>descent tune</c> was asked to search.</summary>
internal sealed record TuneOptions
{
    /// <summary>The name that means no pruner.</summary>
    public const string NoPruner = "none";

    // They compare trials by one value.
    private static readonly string[] OneValueSamplers = ["cfo", "blend_search", "pbt", "replay"];

    /// <summary>The pruner where each report is a fold: values of folds can be compared in pairs, but don't fall as those of steps do.</summary>
    public static string FoldsPruner { get; } = PrunerCatalog.Names.FirstOrDefault(static name => name == "wilcoxon") ?? NoPruner;

    /// <summary>Trials where nothing says how many, or how long.</summary>
    public const int DefaultTrials = 20;

    /// <summary>The run file; null: the built-in one.</summary>
    public string? File { get; init; }

    /// <summary>Assignments and ranges.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>Trials in the study.</summary>
    public int? Trials { get; init; }

    /// <summary>Minutes after which none is begun.</summary>
    public double? Minutes { get; init; }

    /// <summary>The journal's URL; null: a file in the folder.</summary>
    public string? Journal { get; init; }

    /// <summary>The study's name; null: the run file's.</summary>
    public string? Study { get; init; }

    /// <summary>Trials at once.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The sampler, with its options; null: what the run file says, else the catalog's first.</summary>
    public string? Sampler { get; init; }

    /// <summary>The pruner, with its options; null: what the run file says, else the catalog's first, over folds <see cref="FoldsPruner"/>, and none where trials are rounds.</summary>
    public string? Pruner { get; init; }

    /// <summary>What trials are compared by, with commas between them; null: what the run file says, else its metric.</summary>
    public string? Objectives { get; init; }

    /// <summary>The study's folder; null: below <c>studies</c>.</summary>
    public string? Output { get; init; }

    /// <summary>Where the sampler's randomness comes from.</summary>
    public long? Seed { get; init; }

    /// <summary>Minutes that one trial may take.</summary>
    public double? TrialMinutes { get; init; }

    /// <summary>Memory that one trial may take.</summary>
    public string? TrialMemory { get; init; }

    /// <summary>Disk that one trial may take.</summary>
    public string? TrialDisk { get; init; }

    /// <summary>Seconds after its last sign of life that a trial counts as orphaned.</summary>
    public double Lease { get; init; } = 60;

    /// <summary>Chooses what to try in the place of a sampler of the catalog; null: none does.</summary>
    public ISampler? Points { get; init; }

    /// <summary>The study's name.</summary>
    public string Name => Study ?? (File is null ? "default" : Path.GetFileNameWithoutExtension(File));

    /// <summary>The study's folder.</summary>
    /// <exception cref="BadInputException">The study's name can't be a folder's, and no folder is given.</exception>
    public string Folder => string.IsNullOrWhiteSpace(Name) ? throw new BadInputException("--study is empty; give the study a name, or leave it out")
        : Output ?? (Name is "." or ".." || Name.AsSpan().ContainsAny('/', '\\', ':')
            ? throw new BadInputException($"--study is '{Name}', which can't be the name of a folder below 'studies'; name the folder with --out, or the study otherwise")
            : Path.Combine("studies", Name));

    /// <summary>What trials are compared by.</summary>
    /// <param name="template">The run file.</param>
    /// <param name="validation">Names the metric that decides within a run.</param>
    /// <exception cref="BadInputException">There is none of a name, or one is given twice.</exception>
    public TuneObjectives MakeObjectives(RunTemplate template, ValidationOptions validation)
    {
        IReadOnlyList<string>? names = Objectives is not null ? [Objectives] : template.Objectives;
        return TuneObjectives.Of(
            names is null ? null : [.. names.SelectMany(static name => name.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
            SaidOfObjectives(template),
            validation);
    }

    /// <summary>Refuses other objectives than the metric alone for what takes the one best trial.</summary>
    /// <param name="objectives">What trials are compared by.</param>
    /// <param name="template">The run file.</param>
    /// <param name="why">What takes the best trial, and what to do.</param>
    /// <exception cref="BadInputException">They are others.</exception>
    public void RequireMetricAlone(TuneObjectives objectives, RunTemplate template, string why)
    {
        if (!objectives.IsMetricAlone)
        {
            throw new BadInputException($"{SaidOfObjectives(template)}, and {why}");
        }
    }

    /// <summary>The sampler.</summary>
    /// <param name="template">The run file.</param>
    /// <param name="objectives">What trials are compared by.</param>
    /// <exception cref="BadInputException">There is none of the name, or it can't have those options, or it can't compare by those objectives.</exception>
    public ISampler MakeSampler(RunTemplate template, TuneObjectives objectives)
    {
        if (Points is not null)
        {
            return Points;
        }

        (string text, string said) = Said(Sampler, "sampler", template, SamplerCatalog.Names[0]);
        ISampler sampler = Make(text, said, SamplerCatalog.Create, SamplerCatalog.Names);
        string? why = Rounds.AreMadeBy(sampler) && !objectives.IsMetricAlone ? $"goes on from the rounds with the best {objectives.Deciding}"
            : sampler is CostFrugalSampler && objectives.Several ? "goes from one point to a better one, of which there is none with several objectives"
            : null;
        return why is null ? sampler : throw new BadInputException(
            $"{said}, which {why}, and the objectives are {string.Join(", ", objectives.Names)}; take one of {string.Join(", ", SamplerCatalog.Names.Except(OneValueSamplers))}, or {objectives.Deciding} alone");
    }

    /// <summary>The pruner; null: none.</summary>
    /// <param name="template">The run file.</param>
    /// <param name="rounds">Whether trials are rounds of Population Based Training, which has a selection of its own.</param>
    /// <param name="folds">Whether each report is a fold.</param>
    /// <param name="objectives">What trials are compared by.</param>
    /// <exception cref="BadInputException">There is none of the name, or it can't have those options, or it can't judge by those objectives.</exception>
    public IPruner? MakePruner(RunTemplate template, bool rounds, bool folds, TuneObjectives objectives)
    {
        (string text, string said) = Said(Pruner, "pruner", template, rounds || !objectives.IsMetricAlone ? NoPruner : folds ? FoldsPruner : PrunerCatalog.Names[0]);
        if (text == NoPruner)
        {
            return null;
        }

        IPruner pruner = Make(text, said, PrunerCatalog.Create, [.. PrunerCatalog.Names, NoPruner]);

        // Bounds hold whatever else a trial is good at; being worse than others in one of several objectives is no reason to stop.
        return objectives.IsMetricAlone || (objectives.Reports && pruner is ThresholdPruner) ? pruner : throw new BadInputException(
            $"{said}, which stops trials by {objectives.Deciding} alone, and the objectives are {string.Join(", ", objectives.Names)}; allowed: {(objectives.Reports ? "threshold, " : "")}{NoPruner}");
    }

    private string SaidOfObjectives(RunTemplate template) =>
        Objectives is not null ? $"--objectives is '{Objectives}'" : $"{template.Source}: tune.objectives is [{string.Join(", ", template.Objectives ?? [])}]";

    private static (string Text, string Said) Said(string? option, string key, RunTemplate template, string otherwise) =>
        option is not null ? (option, $"--{key} is '{option}'")
        : template.Tune.TryGetValue(key, out string? text) ? (text, $"{template.Source}: tune.{key} is '{text}'")
        : (otherwise, "");

    private static T Make<T>(string text, string said, Func<string, T> create, IReadOnlyList<string> names)
    {
        string name = text.Split('(')[0].Trim();
        if (!names.Contains(name))
        {
            throw new BadInputException($"{said}; {NearestName.Hint(name, names)}");
        }

        try
        {
            return create(text);
        }
        catch (ArgumentException fault)
        {
            string message = fault.ParamName is { } parameter ? fault.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal) : fault.Message;
            throw new BadInputException($"{said}, but {message}", fault);
        }
    }

    /// <summary>What of it decides how a search comes out.</summary>
    public string Describe() => $"{Trials ?? DefaultTrials} trials, sampler {Sampler ?? SamplerCatalog.Names[0]}, pruner {Pruner ?? "default"}, seed {Seed ?? 0}";

    /// <summary>What the study's loop is asked for.</summary>
    public OptimizeOptions MakeLoop() => new()
    {
        Trials = Trials ?? (Minutes is null ? DefaultTrials : null),
        Time = Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        Workers = Workers,
        Limits = new TrialLimits
        {
            Time = TrialMinutes is { } most ? TimeSpan.FromMinutes(most) : null,
            Memory = TrialMemory is { } memory ? Bytes("--trial-memory", memory) : null,
            Disk = TrialDisk is { } disk ? Bytes("--trial-disk", disk) : null,
        },
        Grace = TrialRunner.Patience + TimeSpan.FromSeconds(20),
    };

    private static long Bytes(string option, string text)
    {
        try
        {
            return MemorySize.Parse(text);
        }
        catch (Exception exception) when (exception is ArgumentException)
        {
            throw new BadInputException($"{option} is '{text}'; allowed: a size such as 800MiB or 4GiB", exception);
        }
    }
}
