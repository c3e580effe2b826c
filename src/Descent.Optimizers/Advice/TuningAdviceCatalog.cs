namespace Descent.Optimizers;

/// <summary>What to search for each rule, by its name: an explicit list, one line each.</summary>
/// <remarks>
/// Rates begin where the rule's authors train, or where this project's own race (docs/optimizers.md) found it best on a small GPT, and span about two orders of magnitude: larger models want the
/// lower part. The second moment's β₂ and decoupled decay matter most for Adam and its kin, momentum for SGD's; see Schmidt et al. 2021 (arXiv 2007.01547), table 4, and Dahl et al. 2023
/// (arXiv 2306.07179), appendix D, for the ranges that others searched.
/// </remarks>
public static class TuningAdviceCatalog
{
    private static readonly AdvisedSetting Beta2 = new("beta2", 0.98, 0.95, 0.98, 0.99, 0.999);
    private static readonly AdvisedSetting Decay = new("weight_decay", 0.05, 0, 0.01, 0.05, 0.1, 0.3);
    private static readonly AdvisedSetting CoupledDecay = new("weight_decay", 1e-4, 0, 1e-4, 5e-4, 2e-3);
    private static readonly AdvisedSetting Momentum = new("momentum", 0.9, 0.8, 0.9, 0.95, 0.99);
    private static readonly AdvisedSetting FreeMomentum = new("beta1", 0.9, 0.8, 0.9, 0.95, 0.98);

    private static readonly Dictionary<string, TuningAdvice> Entries = new(StringComparer.Ordinal)
    {
        ["sgd"] = new(5e-3, 0.1, 3, CoupledDecay),
        ["gradient_descent"] = new(5e-3, 0.1, 3, CoupledDecay) { SameAs = "sgd" },
        ["momentum"] = new(2e-3, 0.05, 0.5, Momentum, CoupledDecay),
        ["nesterov"] = new(2e-3, 0.05, 0.5, Momentum, CoupledDecay),
        ["momentum_ema"] = new(2e-2, 0.5, 5, new AdvisedSetting("beta", 0.9, 0.8, 0.9, 0.95, 0.99), CoupledDecay) { SameAs = "momentum" },
        ["adagrad"] = new(1e-3, 1e-2, 0.2, CoupledDecay),
        ["rmsprop"] = new(1e-4, 1e-3, 2e-2, new AdvisedSetting("alpha", 0.99, 0.9, 0.95, 0.99), CoupledDecay),
        ["adadelta"] = new(0.1, 1, 10, new AdvisedSetting("rho", 0.9, 0.9, 0.95, 0.99), CoupledDecay),
        ["rprop"] = new(1e-5, 1e-3, 0.1) { FullBatch = true },
        ["asgd"] = new(5e-3, 0.1, 3, CoupledDecay),
        ["adam"] = new(2e-4, 2e-3, 2e-2, Beta2),
        ["amsgrad"] = new(2e-4, 2e-3, 2e-2, Beta2),
        ["adam_article"] = new(2e-4, 2e-3, 2e-2, Beta2),
        ["adamw"] = new(2e-4, 2e-3, 2e-2, Beta2, Decay),
        ["adamax"] = new(4e-4, 4e-3, 4e-2, Beta2),
        ["nadam"] = new(2e-4, 2e-3, 2e-2, Beta2),
        ["nadamw"] = new(2e-4, 2e-3, 2e-2, Beta2, Decay),
        ["radam"] = new(2e-4, 2e-3, 2e-2, Beta2),
        ["lion"] = new(3e-5, 3e-4, 3e-3, new AdvisedSetting("beta2", 0.98, 0.95, 0.98, 0.99), new AdvisedSetting("weight_decay", 0.3, 0, 0.1, 0.3, 1, 3)),
        ["ademamix"] = new(2e-4, 2e-3, 2e-2, new AdvisedSetting("beta3", 0.999, 0.99, 0.999, 0.9999), Decay),
        ["adopt"] = new(2e-4, 2e-3, 2e-2, Beta2) { IsContrib = true },
        ["adan"] = new(2e-4, 2e-3, 2e-2, Decay) { IsContrib = true },
        ["cautious_adamw"] = new(2e-4, 2e-3, 2e-2, Beta2, Decay) { IsContrib = true },
        ["lars"] = new(0.3, 3, 30, Momentum, CoupledDecay),
        ["lamb"] = new(5e-4, 5e-3, 5e-2, Beta2, Decay),
        ["adafactor"] = new(1e-3, 1e-2, 0.1, new AdvisedSetting("weight_decay", 0, 0, 0.01, 0.1)),
        ["adam_mini"] = new(2e-4, 2e-3, 2e-2, Beta2, Decay),
        ["prodigy"] = new(0.25, 1, 4, Beta2, new AdvisedSetting("weight_decay", 0.01, 0, 0.01, 0.1)),
        ["lomo"] = new(5e-3, 0.1, 3, CoupledDecay) { SameAs = "sgd" },
        ["adalomo"] = new(1e-3, 1e-2, 0.1, new AdvisedSetting("weight_decay", 0, 0, 0.01, 0.1)),
        ["schedule_free_sgd"] = new(5e-2, 1, 10, new AdvisedSetting("momentum", 0.9, 0.8, 0.9, 0.95, 0.98), CoupledDecay),
        ["schedule_free_adamw"] = new(3e-4, 3e-3, 3e-2, FreeMomentum, Decay),
        ["schedule_free_radam"] = new(3e-4, 3e-3, 3e-2, FreeMomentum, Decay),
        ["muon"] = new(4e-4, 4e-3, 4e-2, new AdvisedSetting("momentum", 0.95, 0.9, 0.95, 0.98), Decay),
        ["soap"] = new(3e-4, 3e-3, 3e-2, new AdvisedSetting("beta2", 0.95, 0.9, 0.95, 0.98), Decay),
        ["shampoo"] = new(3e-4, 3e-3, 3e-2, new AdvisedSetting("precondition_every", 10, 5, 10, 50), Decay),
        ["galore"] = new(1e-3, 1e-2, 0.1, new AdvisedSetting("scale", 0.5, 0.25, 0.5, 1), new AdvisedSetting("projection_gap", 50, 20, 50, 200)) { CompanionFactor = 0.4 },
        ["apollo"] = new(1e-3, 1e-2, 0.1, new AdvisedSetting("projection_gap", 50, 20, 50, 200)) { CompanionFactor = 0.4 },
        ["apollo_mini"] = new(1e-3, 1e-2, 0.1, new AdvisedSetting("projection_gap", 50, 20, 50, 200)) { CompanionFactor = 0.4 },
    };

    /// <summary>The advice for a rule.</summary>
    /// <param name="name">A name of <see cref="OptimizerCatalog.Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such rule; the message names the nearest one.</exception>
    public static TuningAdvice Of(string name) => Entries.TryGetValue(name, out TuningAdvice? advice) ? advice : throw NearestName.Unknown("optimizer", name, OptimizerCatalog.Names);
}
