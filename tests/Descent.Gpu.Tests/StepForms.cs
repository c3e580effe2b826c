using Descent.Optimizers;

namespace Descent.Gpu.Tests;

/// <summary>The forms of a step, each with a prologue of its own, on every rule.</summary>
internal static class StepForms
{
    public static IReadOnlyDictionary<string, Func<OptimizerOptions, long, StepScalars>> All { get; } = new Dictionary<string, Func<OptimizerOptions, long, StepScalars>>
    {
        ["plain"] = static (options, step) => options.Scalars(step) with { WeightDecay = 0 },
        ["scaled and decayed"] = static (options, step) => options.Scalars(step) with { WeightDecay = 0.05, GradientScale = 0.3 },
        ["elastic net"] = static (options, step) => options.Scalars(step) with { WeightDecay = 0.05, GradientScale = 1.7, L1 = 0.01, L2 = 0.02 },
        ["clipped by value"] = static (options, step) => options.Scalars(step) with { ClipValue = 0.4, L1 = 0.01 },
    };

    /// <summary>Names of subjects whose rule the card can run; the others by name and reason.</summary>
    public static IEnumerable<string> Served => Optimizers.Tests.Subjects.All.Keys.Where(static name => ReasonAgainst(name) is null);

    /// <summary>Why a rule goes through libtorch's operators instead, or null.</summary>
    public static string? ReasonAgainst(string subject)
    {
        OptimizerOptions options = Optimizers.Tests.Subjects.All[subject];
        double[] shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
        StepScalars scalars = options.Scalars(1) with { Shared = shared };
        options.Advance(shared, scalars);
        var probe = new Probe();
        return !options.CreateKernel().TryAccept(ref probe, scalars) ? "the rule is not element-wise"
            : probe.References ? "the rule's struct holds references"
            : null;
    }

    private struct Probe : IRuleVisitor
    {
        public bool References { get; private set; }

        public void Visit<TRule, TPrologue>(TRule rule, TPrologue prologue, bool exempt)
            where TRule : struct, IRule
            where TPrologue : struct, IPrologue<TPrologue> =>
            References = !PtxCompiler.Serves<TRule>();
    }
}
