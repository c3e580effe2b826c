using Descent.Gpu.Tests;
using Descent.Optimizers;

namespace Descent.Gpu.Bench;

/// <summary>The rules that are timed: all of the catalog that a card's kernels serve, and variants with states of their own.</summary>
internal static class TimedRules
{
    public static IReadOnlyList<(string Name, OptimizerOptions Options)> All { get; } =
    [
        .. OptimizerCatalog.KernelNames
            .Where(static name => name != "gradient_descent" && StepForms.ReasonAgainst(name) is null) // the same rule as sgd
            .Select(static name => (name, Quiet(OptimizerCatalog.Create(name)))),
        ("rmsprop, centered", Quiet(new RmsPropOptions { Centered = true })),
        ("rmsprop, momentum", Quiet(new RmsPropOptions { Momentum = 0.9 })),
        ("rmsprop, centered, momentum", Quiet(new RmsPropOptions { Centered = true, Momentum = 0.9 })),
        ("adamw, amsgrad", Quiet(new AdamWOptions { AmsGrad = true })),
    ];

    /// <summary>At a rate that keeps parameters where they are over hundreds of steps with the same gradient; the work is that of any step.</summary>
    private static OptimizerOptions Quiet(OptimizerOptions options) => options with { LearningRate = 1e-6 };
}
