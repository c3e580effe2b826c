namespace Descent.Tuning.Pruners;

/// <summary>The pruners that a command line or a run file can name, by a name alone or with options: <c>hyperband(minimum_resource=100)</c>.</summary>
public static class PrunerCatalog
{
    private static readonly (string Name, Func<CatalogText, IPruner> Create)[] Entries =
    [
        ("median", Median),
        ("percentile", Percentile),
        ("patient", Patient),
        ("threshold", Threshold),
        ("asha", SuccessiveHalving),
        ("hyperband", Hyperband),
        ("wilcoxon", Wilcoxon),
    ];

    /// <summary>The names, in the order of the documentation; the first is what is used where nothing is said.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A pruner.</summary>
    /// <param name="text">One of <see cref="Names"/>, with options in parentheses where wanted.</param>
    /// <exception cref="ArgumentException">There is no such pruner, or it has no such option, or the option can't have that value.</exception>
    public static IPruner Create(string text)
    {
        CatalogText options = CatalogText.Parse(text);
        Func<CatalogText, IPruner> create = Entries.FirstOrDefault(entry => entry.Name == options.Name).Create
            ?? throw new ArgumentException($"There is no pruner '{options.Name}'. Known: {string.Join(", ", Names)}.", nameof(text));
        return options.Make(create);
    }

    private static MedianPruner Median(CatalogText options)
    {
        MedianPruner defaults = new();
        return new MedianPruner
        {
            MinimumTrials = options.Integer("minimum_trials", defaults.MinimumTrials),
            WarmupSteps = options.Long("warmup_steps", defaults.WarmupSteps),
            Interval = options.Long("interval", defaults.Interval),
        };
    }

    private static PercentilePruner Percentile(CatalogText options)
    {
        PercentilePruner defaults = new();
        return new PercentilePruner
        {
            Percentile = options.Number("percentile", defaults.Percentile),
            MinimumTrials = options.Integer("minimum_trials", defaults.MinimumTrials),
            WarmupSteps = options.Long("warmup_steps", defaults.WarmupSteps),
            Interval = options.Long("interval", defaults.Interval),
        };
    }

    private static PatientPruner Patient(CatalogText options)
    {
        PatientPruner defaults = new();
        return new PatientPruner(options.Text("pruner") is { } inner ? (inner == "none" ? null : Create(inner)) : new MedianPruner())
        {
            Patience = options.Long("patience", defaults.Patience),
            MinimumDelta = options.Number("minimum_delta", defaults.MinimumDelta),
        };
    }

    private static ThresholdPruner Threshold(CatalogText options)
    {
        ThresholdPruner defaults = new();
        return new ThresholdPruner
        {
            Lower = options.Number("lower", defaults.Lower),
            Upper = options.Number("upper", defaults.Upper),
            WarmupSteps = options.Long("warmup_steps", defaults.WarmupSteps),
            Interval = options.Long("interval", defaults.Interval),
        };
    }

    private static SuccessiveHalvingPruner SuccessiveHalving(CatalogText options)
    {
        SuccessiveHalvingPruner defaults = new();
        return new SuccessiveHalvingPruner
        {
            MinimumResource = options.Long("minimum_resource", defaults.MinimumResource),
            ReductionFactor = options.Integer("reduction_factor", defaults.ReductionFactor),
            EarlyStoppingRate = options.Integer("early_stopping_rate", defaults.EarlyStoppingRate),
        };
    }

    private static HyperbandPruner Hyperband(CatalogText options)
    {
        HyperbandPruner defaults = new();
        return new HyperbandPruner
        {
            MinimumResource = options.Long("minimum_resource", defaults.MinimumResource),
            MaximumResource = options.Long("maximum_resource"),
            ReductionFactor = options.Integer("reduction_factor", defaults.ReductionFactor),
        };
    }

    private static WilcoxonPruner Wilcoxon(CatalogText options)
    {
        WilcoxonPruner defaults = new();
        return new WilcoxonPruner { Threshold = options.Number("threshold", defaults.Threshold), MinimumFolds = options.Integer("minimum_folds", defaults.MinimumFolds) };
    }
}
