using Descent.Optimizers;

namespace Descent.Training.Parametrization;

/// <summary>What the size of a rule's update follows from.</summary>
internal enum RuleFamily
{
    /// <summary>The gradient: SGD and its momentum.</summary>
    Sgd,

    /// <summary>The rate alone, element by element: the gradient is divided by its own size.</summary>
    Adam,

    /// <summary>The rate alone, for the matrix as a whole: its singular values are made equal.</summary>
    Muon,
}

/// <summary>The families of the catalog's rules, and what in their settings has the size of a gradient.</summary>
internal static class RuleFamilies
{
    /// <summary>The family of a rule; null where no scaling with the width is known, or none that was checked here.</summary>
    public static RuleFamily? Of(OptimizerOptions options) => options switch
    {
        SgdOptions or MomentumOptions or EmaMomentumOptions or AsgdOptions or LomoOptions or ScheduleFreeSgdOptions => RuleFamily.Sgd,
        AdamOptions or AdamWOptions or ArticleAdamOptions or AdamaxOptions or NAdamOptions or RAdamOptions or AdagradOptions or RmsPropOptions or LionOptions
            or AdEMAMixOptions or AdoptOptions or AdanOptions or CautiousAdamWOptions or AdamMiniOptions or ScheduleFreeAdamWOptions or ScheduleFreeRAdamOptions => RuleFamily.Adam,
        MuonOptions => RuleFamily.Muon,
        _ => null,
    };

    /// <summary>The names of the catalog's rules that have a family.</summary>
    public static IEnumerable<string> Names => OptimizerCatalog.Names.Where(static name => Of(OptimizerCatalog.Create(name)) is not null);

    /// <summary>Whether weight decay goes through the rule's division by the gradient's size, where no factor keeps its strength.</summary>
    public static bool NormalizesDecay(OptimizerOptions options) =>
        Of(options) == RuleFamily.Adam && options is { DecoupledWeightDecay: false, OwnWeightDecay: false };

    /// <summary>The settings for gradients of another size.</summary>
    public static OptimizerOptions ForGradients(OptimizerOptions options, double factor) => options switch
    {
        AdamOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        AdamWOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        ArticleAdamOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        AdamaxOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        NAdamOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        RAdamOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        AdagradOptions rule => rule with { Epsilon = rule.Epsilon * factor, InitialAccumulator = rule.InitialAccumulator * factor * factor },
        RmsPropOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        AdEMAMixOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        AdoptOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        AdanOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        CautiousAdamWOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        AdamMiniOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        ScheduleFreeAdamWOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        ScheduleFreeRAdamOptions rule => rule with { Epsilon = rule.Epsilon * factor },
        _ => options,
    };
}
