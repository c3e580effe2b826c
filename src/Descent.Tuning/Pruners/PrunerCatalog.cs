namespace Descent.Tuning.Pruners;

/// <summary>The pruners that a command line or a run file can name, by a name alone or with options: <c>hyperband(minimum_resource=100)</c>.</summary>
public static class PrunerCatalog
{
    private static readonly (string Name, Func<CatalogText, IPruner> Create)[] Entries =
    [
        ("median", static options => Median(options, new())),
        ("percentile", static options => Percentile(options, new())),
        ("patient", static options => Patient(options, new())),
        ("threshold", static options => Threshold(options, new())),
        ("asha", static options => SuccessiveHalving(options, new())),
        ("hyperband", static options => Hyperband(options, new())),
        ("wilcoxon", static options => Wilcoxon(options, new())),
    ];

    /// <summary>The names, in the order of the documentation; the first is what is used where nothing is said.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A pruner.</summary>
    /// <param name="text">One of <see cref="Names"/>, with options in parentheses where wanted.</param>
    /// <exception cref="ArgumentException">There is no such pruner, or it has no such option, or the option can't have that value.</exception>
    public static IPruner Create(string text) => CatalogText.Create(text, "pruner", Entries);

    private static MedianPruner Median(CatalogText options, MedianPruner defaults) => new()
    {
        MinimumTrials = options.Of(defaults.MinimumTrials),
        WarmupSteps = options.Of(defaults.WarmupSteps),
        Interval = options.Of(defaults.Interval),
    };

    private static PercentilePruner Percentile(CatalogText options, PercentilePruner defaults) => new()
    {
        Percentile = options.Of(defaults.Percentile),
        MinimumTrials = options.Of(defaults.MinimumTrials),
        WarmupSteps = options.Of(defaults.WarmupSteps),
        Interval = options.Of(defaults.Interval),
    };

    private static PatientPruner Patient(CatalogText options, PatientPruner defaults) => new(options.Text("pruner") is { } inner ? (inner == "none" ? null : Create(inner)) : new MedianPruner())
    {
        Patience = options.Of(defaults.Patience),
        MinimumDelta = options.Of(defaults.MinimumDelta),
    };

    private static ThresholdPruner Threshold(CatalogText options, ThresholdPruner defaults) => new()
    {
        Lower = options.Of(defaults.Lower),
        Upper = options.Of(defaults.Upper),
        WarmupSteps = options.Of(defaults.WarmupSteps),
        Interval = options.Of(defaults.Interval),
    };

    private static SuccessiveHalvingPruner SuccessiveHalving(CatalogText options, SuccessiveHalvingPruner defaults) => new()
    {
        MinimumResource = options.Of(defaults.MinimumResource),
        ReductionFactor = options.Of(defaults.ReductionFactor),
        EarlyStoppingRate = options.Of(defaults.EarlyStoppingRate),
    };

    private static HyperbandPruner Hyperband(CatalogText options, HyperbandPruner defaults) => new()
    {
        MinimumResource = options.Of(defaults.MinimumResource),
        MaximumResource = options.Of(defaults.MaximumResource),
        ReductionFactor = options.Of(defaults.ReductionFactor),
    };

    private static WilcoxonPruner Wilcoxon(CatalogText options, WilcoxonPruner defaults) => new() { Threshold = options.Of(defaults.Threshold), MinimumFolds = options.Of(defaults.MinimumFolds) };
}
