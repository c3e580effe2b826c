namespace Descent.Optimizers;

/// <summary>Every optimizer by name: an explicit list, one line each.</summary>
public static class OptimizerCatalog
{
    private static readonly (string Name, Func<OptimizerOptions> Create)[] Entries =
    [
        ("sgd", static () => new SgdOptions()),
        ("gradient_descent", static () => new SgdOptions()), // the same rule on the full batch
        ("momentum", static () => new MomentumOptions()),
        ("nesterov", static () => new MomentumOptions { Nesterov = true }),
        ("momentum_ema", static () => new EmaMomentumOptions()),
        ("adagrad", static () => new AdagradOptions()),
        ("rmsprop", static () => new RmsPropOptions()),
        ("adadelta", static () => new AdadeltaOptions()),
        ("rprop", static () => new RpropOptions()),
        ("asgd", static () => new AsgdOptions()),
        ("adam", static () => new AdamOptions()),
        ("amsgrad", static () => new AdamOptions { AmsGrad = true }),
        ("adam_article", static () => new ArticleAdamOptions()),
        ("adamw", static () => new AdamWOptions()),
        ("adamax", static () => new AdamaxOptions()),
        ("nadam", static () => new NAdamOptions()),
        ("nadamw", static () => new NAdamOptions { DecoupledDecay = true, WeightDecay = 1e-2 }), // λ: AdamW's
        ("radam", static () => new RAdamOptions()),
        ("lion", static () => new LionOptions()),
        ("ademamix", static () => new AdEMAMixOptions()),
        ("adopt", static () => new AdoptOptions()),
        ("adan", static () => new AdanOptions()),
        ("cautious_adamw", static () => new CautiousAdamWOptions()),
        ("lars", static () => new LarsOptions()),
        ("lamb", static () => new LambOptions()),
        ("adafactor", static () => new AdafactorOptions()),
        ("adam_mini", static () => new AdamMiniOptions()),
        ("prodigy", static () => new ProdigyOptions()),
        ("lomo", static () => new LomoOptions()),
        ("adalomo", static () => new AdaLomoOptions()),
        ("schedule_free_sgd", static () => new ScheduleFreeSgdOptions()),
        ("schedule_free_adamw", static () => new ScheduleFreeAdamWOptions()),
        ("schedule_free_radam", static () => new ScheduleFreeRAdamOptions()),
        ("muon", static () => new MuonOptions()),
        ("soap", static () => new SoapOptions()),
        ("shampoo", static () => new ShampooOptions()),
        ("galore", static () => new GaLoreOptions()),
        ("apollo", static () => new ApolloOptions()),
        ("apollo_mini", static () => ApolloOptions.Mini),
    ];

    /// <summary>The names, simplest rule first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>The names of rules that run as element-wise kernels over any parameter: all but those with <see cref="OptimizerOptions.MatricesOnly"/>.</summary>
    public static IReadOnlyList<string> KernelNames { get; } =
        [.. Entries.Where(static entry => !entry.Create().MatricesOnly).Select(static entry => entry.Name)];

    /// <summary>The default options of a rule.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such rule; the message names the nearest one.</exception>
    public static OptimizerOptions Create(string name) =>
        Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke() ?? throw NearestName.Unknown("optimizer", name, Names);
}
