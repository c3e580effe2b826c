namespace Descent.Tuning.Samplers;

/// <summary>The samplers that a command line or a run file can name, by a name alone or with options: <c>tpe(multivariate=true, candidates=48)</c>.</summary>
public static class SamplerCatalog
{
    private static readonly (string Name, Func<CatalogText, ISampler> Create)[] Entries =
    [
        ("portfolio", static options => Portfolio(options, new())),
        ("random", static _ => new RandomSampler()),
        ("grid", static options => Grid(options, new())),
        ("sobol", static options => Sobol(options, new())),
        ("tpe", static options => Tpe(options, new())),
        ("tpe_multivariate", static options => Tpe(options, new() { Multivariate = true })),
        ("gp", static options => GaussianProcess(options, new())),
        ("cmaes", static options => CmaEs(options, new())),
        ("cfo", static options => CostFrugal(options, new())),
        ("blend_search", static options => CostFrugal(options, new() { Blend = true })),
        ("nsga2", static options => Nsga(options, new())),
        ("pbt", static options => Population(options, new())),
        ("replay", static options => new ScheduleReplaySampler(HyperparameterSchedule.Read(
            options.Text("file") ?? throw new ArgumentException("replay needs the file of a schedule, as Population Based Training leaves it: replay(file=studies/NAME/schedule.json).")))),
    ];

    /// <summary>The names, in the order of the documentation; the first is what is used where nothing is said.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A sampler.</summary>
    /// <param name="text">One of <see cref="Names"/>, with options in parentheses where wanted.</param>
    /// <exception cref="ArgumentException">There is no such sampler, or it has no such option, or the option can't have that value.</exception>
    public static ISampler Create(string text) => CatalogText.Create(text, "sampler", Entries);

    private static PortfolioSampler Portfolio(CatalogText options, PortfolioSampler defaults) => new() { GaussianProcessTrials = options.Of(defaults.GaussianProcessTrials) };

    private static SobolSampler Sobol(CatalogText options, SobolSampler defaults) => new() { Seed = options.Of(defaults.Seed) };

    private static GridSampler Grid(CatalogText options, GridSampler defaults) => new() { Points = options.Of(defaults.Points), MostValues = options.Of(defaults.MostValues) };

    private static TpeSampler Tpe(CatalogText options, TpeSampler defaults) => new()
    {
        Multivariate = options.Of(defaults.Multivariate),
        Group = options.Of(defaults.Group),
        ConstantLiar = options.Of(defaults.ConstantLiar),
        Candidates = options.Of(defaults.Candidates),
        StartupTrials = options.Of(defaults.StartupTrials),
        PriorWeight = options.Of(defaults.PriorWeight),
    };

    private static GaussianProcessSampler GaussianProcess(CatalogText options, GaussianProcessSampler defaults) => new()
    {
        StartupTrials = options.Of(defaults.StartupTrials),
        MaximumTrials = options.Of(defaults.MaximumTrials),
    };

    private static CmaEsSampler CmaEs(CatalogText options, CmaEsSampler defaults) => new()
    {
        Population = options.Of(defaults.Population),
        InitialDeviation = options.Of(defaults.InitialDeviation),
        PopulationFactor = options.Of(defaults.PopulationFactor),
    };

    private static CostFrugalSampler CostFrugal(CatalogText options, CostFrugalSampler defaults) => new()
    {
        Blend = defaults.Blend,
        FirstStride = options.Of(defaults.FirstStride),
        CheapPoint = options.Below("cheap").ToDictionary(static pair => pair.Key, static pair => ParameterText.Meaning(pair.Value)),
    };

    private static NsgaSampler Nsga(CatalogText options, NsgaSampler defaults) => new()
    {
        Population = options.Of(defaults.Population),
        CrossoverProbability = options.Of(defaults.CrossoverProbability),
        CrossoverIndex = options.Of(defaults.CrossoverIndex),
        MutationIndex = options.Of(defaults.MutationIndex),
        MutationProbability = options.Of(defaults.MutationProbability),
    };

    private static PopulationSampler Population(CatalogText options, PopulationSampler defaults) => new()
    {
        Population = options.Of(defaults.Population),
        Quantile = options.Of(defaults.Quantile),
        Factor = options.Of(defaults.Factor),
        ResampleProbability = options.Of(defaults.ResampleProbability),
    };
}
