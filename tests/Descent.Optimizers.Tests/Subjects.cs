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
        yield return ("adadelta, coupled decay", new AdadeltaOptions { Rho = 0.95, Epsilon = 1e-4, WeightDecay = 0.1 });
        yield return ("adamax, maximize", new AdamaxOptions { Beta1 = 0.8, Beta2 = 0.95, WeightDecay = 0.1, Maximize = true });
        yield return ("nadam, coupled decay", new NAdamOptions { Beta1 = 0.95, MomentumDecay = 0.1, WeightDecay = 0.1 });
        yield return ("nadamw, steady momentum", new NAdamOptions { DecoupledDecay = true, MomentumDecay = 1e6, WeightDecay = 0.3 });
        yield return ("radam, soon rectified, coupled decay", new RAdamOptions { Beta2 = 0.9, WeightDecay = 0.1 });
        yield return ("radam, decoupled decay", new RAdamOptions { DecoupledDecay = true, WeightDecay = 0.3, Maximize = true });
        yield return ("rprop, narrow", new RpropOptions { LearningRate = 0.1, Shrink = 0.6, Grow = 1.3, MinimumStep = 1e-3, MaximumStep = 0.3, WeightDecay = 0.1 });
        yield return ("asgd, averaging", new AsgdOptions { AveragingStart = 1, RateDecay = 0.1, Power = 0.6, WeightDecay = 0.1 });
        yield return ("lion, decay", new LionOptions { Beta1 = 0.95, Beta2 = 0.98, WeightDecay = 0.3, Maximize = true });
        yield return ("ademamix, warming up", new AdEMAMixOptions { Beta3 = 0.99, AlphaWarmupSteps = 30, Beta3WarmupSteps = 40, WeightDecay = 0.3 });
        yield return ("adopt, unclipped, coupled decay", new AdoptOptions { Clip = false, Beta2 = 0.9, Epsilon = 1e-3, WeightDecay = 0.1 });
        yield return ("adopt, decoupled decay", new AdoptOptions { DecoupledDecay = true, WeightDecay = 0.3 });
        yield return ("cautious_adamw, maximize", new CautiousAdamWOptions { Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.3, Maximize = true });
        yield return ("adan, decay", new AdanOptions { Beta1 = 0.9, Beta2 = 0.8, Beta3 = 0.95, WeightDecay = 0.3 });
        yield return ("adan, not proximal", new AdanOptions { Proximal = false, WeightDecay = 0.3, Maximize = true });
        yield return ("lars, vectors, decay", new LarsOptions { AdaptVectors = true, WeightDecay = 0.1 });
        yield return ("lamb, vectors, maximize", new LambOptions { AdaptVectors = true, Maximize = true, Beta2 = 0.95 });
        yield return ("adafactor, decay, clipped", new AdafactorOptions { WeightDecay = 0.1, Epsilon1 = 1e-3, ClipThreshold = 0.5 });
        yield return ("adafactor, momentum", new AdafactorOptions { Beta1 = 0.9, WeightDecay = 0.1, Maximize = true });
        yield return ("adam_mini, whole tensors", new AdamMiniOptions { WholeTensors = true, WeightDecay = 0.1 });
        yield return ("adam_mini, rows of tables", new AdamMiniOptions { RowsOfTables = true, Maximize = true });
        yield return ("prodigy, corrected", new ProdigyOptions { BiasCorrection = true, SafeguardWarmup = true, WeightDecay = 0.1, GrowthRate = 10, InitialDistance = 1e-3 });
        yield return ("adalomo, decay", new AdaLomoOptions { WeightDecay = 0.1, Epsilon1 = 1e-8, Maximize = true });
        yield return ("sign_momentum, the worked example", new SignMomentumOptions());
    }
}
