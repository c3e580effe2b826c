namespace Descent.Tuning.Samplers;

/// <summary>The samplers that a command line or a run file can name, by a name alone or with options: <c>tpe(multivariate=true, candidates=48)</c>.</summary>
public static class SamplerCatalog
{
    private static readonly (string Name, Func<CatalogText, ISampler> Create)[] Entries =
    [
        ("portfolio", static options => new PortfolioSampler { GaussianProcessTrials = options.Integer("gaussian_process_trials", new PortfolioSampler().GaussianProcessTrials) }),
        ("random", static _ => new RandomSampler()),
        ("grid", Grid),
        ("sobol", static options => new SobolSampler { Seed = options.Long("seed", 0) }),
        ("tpe", static options => Tpe(options, new TpeSampler())),
        ("tpe_multivariate", static options => Tpe(options, new TpeSampler { Multivariate = true })),
        ("gp", GaussianProcess),
        ("cmaes", CmaEs),
        ("cfo", static options => CostFrugal(options, blend: false)),
        ("blend_search", static options => CostFrugal(options, blend: true)),
        ("nsga2", Nsga),
        ("pbt", Population),
        ("replay", static options => new ScheduleReplaySampler(HyperparameterSchedule.Read(
            options.Text("file") ?? throw new ArgumentException("replay needs the file of a schedule, as Population Based Training leaves it: replay(file=studies/NAME/schedule.json).")))),
    ];

    /// <summary>The names, in the order of the documentation; the first is what is used where nothing is said.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A sampler.</summary>
    /// <param name="text">One of <see cref="Names"/>, with options in parentheses where wanted.</param>
    /// <exception cref="ArgumentException">There is no such sampler, or it has no such option, or the option can't have that value.</exception>
    public static ISampler Create(string text)
    {
        CatalogText options = CatalogText.Parse(text);
        Func<CatalogText, ISampler> create = Entries.FirstOrDefault(entry => entry.Name == options.Name).Create
            ?? throw new ArgumentException($"There is no sampler '{options.Name}'. Known: {string.Join(", ", Names)}.", nameof(text));
        return options.Make(create);
    }

    private static GridSampler Grid(CatalogText options)
    {
        GridSampler defaults = new();
        return new GridSampler { Points = options.Integer("points", defaults.Points), MostValues = options.Integer("most_values", defaults.MostValues) };
    }

    private static TpeSampler Tpe(CatalogText options, TpeSampler defaults) => new()
    {
        Multivariate = options.Flag("multivariate", defaults.Multivariate),
        Group = options.Flag("group", defaults.Group),
        ConstantLiar = options.Flag("constant_liar", defaults.ConstantLiar),
        Candidates = options.Integer("candidates", defaults.Candidates),
        StartupTrials = options.Integer("startup_trials", defaults.StartupTrials),
        PriorWeight = options.Number("prior_weight", defaults.PriorWeight),
    };

    private static GaussianProcessSampler GaussianProcess(CatalogText options)
    {
        GaussianProcessSampler defaults = new();
        return new GaussianProcessSampler
        {
            StartupTrials = options.Integer("startup_trials", defaults.StartupTrials),
            MaximumTrials = options.Integer("maximum_trials", defaults.MaximumTrials),
        };
    }

    private static CmaEsSampler CmaEs(CatalogText options)
    {
        CmaEsSampler defaults = new();
        return new CmaEsSampler
        {
            Population = options.Integer("population"),
            InitialDeviation = options.Number("initial_deviation", defaults.InitialDeviation),
            PopulationFactor = options.Integer("population_factor", defaults.PopulationFactor),
        };
    }

    private static CostFrugalSampler CostFrugal(CatalogText options, bool blend)
    {
        CostFrugalSampler defaults = new();
        return new CostFrugalSampler
        {
            Blend = blend,
            FirstStride = options.Number("first_stride", defaults.FirstStride),
            CheapPoint = options.Below("cheap").ToDictionary(static pair => pair.Key, static pair => ParameterText.Meaning(pair.Value)),
        };
    }

    private static NsgaSampler Nsga(CatalogText options)
    {
        NsgaSampler defaults = new();
        return new NsgaSampler
        {
            Population = options.Integer("population", defaults.Population),
            CrossoverProbability = options.Number("crossover_probability", defaults.CrossoverProbability),
            CrossoverIndex = options.Number("crossover_index", defaults.CrossoverIndex),
            MutationIndex = options.Number("mutation_index", defaults.MutationIndex),
            MutationProbability = options.Number("mutation_probability"),
        };
    }

    private static PopulationSampler Population(CatalogText options)
    {
        PopulationSampler defaults = new();
        return new PopulationSampler
        {
            Population = options.Integer("population", defaults.Population),
            Quantile = options.Number("quantile", defaults.Quantile),
            Factor = options.Number("factor", defaults.Factor),
            ResampleProbability = options.Number("resample_probability", defaults.ResampleProbability),
        };
    }
}
