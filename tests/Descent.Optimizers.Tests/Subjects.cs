using Descent.Optimizers.Tests.Examples;

namespace Descent.Optimizers.Tests;

/// <summary>Every rule and variant that the contract is checked on.</summary>
internal static class Subjects
{
    public static IReadOnlyDictionary<string, OptimizerOptions> All { get; } = Named().ToDictionary(static pair => pair.Name, static pair => pair.Options);

    private static IEnumerable<(string Name, OptimizerOptions Options)> Named()
    {
        foreach (string name in OptimizerCatalog.KernelNames)
        {
            yield return (name, OptimizerCatalog.Create(name));
        }

        yield return ("momentum, dampened", new MomentumOptions { Dampening = 0.3, WeightDecay = 0.1 });
        yield return ("adagrad, decaying", new AdagradOptions { InitialAccumulator = 0.1, LearningRateDecay = 0.01 });
        yield return ("rmsprop, momentum", new RmsPropOptions { Momentum = 0.9 });
        yield return ("rmsprop, centered", new RmsPropOptions { Centered = true });
        yield return ("rmsprop, centered, momentum", new RmsPropOptions { Centered = true, Momentum = 0.9 });
        yield return ("adam, coupled decay", new AdamOptions { WeightDecay = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6 });
        yield return ("adamw, amsgrad", new AdamWOptions { AmsGrad = true });
        yield return ("adamw, maximize", new AdamWOptions { Maximize = true });
        yield return ("schedule_free_sgd, weighted", new ScheduleFreeSgdOptions { StepPower = 2, RatePower = 0, WeightDecay = 0.1 });
        yield return ("schedule_free_adamw, decay", new ScheduleFreeAdamWOptions { WeightDecay = 0.1, Beta1 = 0.95 });
        yield return ("schedule_free_radam, loud", new ScheduleFreeRAdamOptions { SilentSgdPhase = false, Beta2 = 0.9, WeightDecay = 0.1 });
        yield return ("sign_momentum, the worked example", new SignMomentumOptions());
    }
}
