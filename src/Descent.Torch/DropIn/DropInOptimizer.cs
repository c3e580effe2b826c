using TorchSharp.Modules;
using static TorchSharp.torch.optim;

namespace Descent.Torch;

/// <summary>A drop-in without momentum or betas.</summary>
internal sealed class PlainOptimizer(Func<ParamGroup, GroupRule> bind) : FusedOptimizer(bind);

/// <summary>A drop-in whose momentum schedulers may cycle, group by group; the optimizer's own is the default of groups to come.</summary>
internal sealed class MomentumOptimizer(Func<ParamGroup, GroupRule> bind, IMomentum defaults) : FusedOptimizer(bind), IMomentum
{
    public double Momentum
    {
        get => defaults.Momentum;
        set => defaults.Momentum = value;
    }
}

/// <summary>A drop-in whose betas schedulers may cycle, group by group; the optimizer's own are the default of groups to come.</summary>
internal sealed class BetasOptimizer(Func<ParamGroup, GroupRule> bind, IBetas defaults) : FusedOptimizer(bind), IBetas
{
    public (double, double) Betas
    {
        get => defaults.Betas;
        set => defaults.Betas = value;
    }
}

/// <summary>What the drop-ins share.</summary>
internal static class DropIn
{
    public static FusedOptimizer Over(this FusedOptimizer optimizer, ParamGroup group, IEnumerable<(string name, Parameter parameter)> parameters)
    {
        optimizer.Add(group, parameters);
        return optimizer;
    }

    public static FusedOptimizer Over(this FusedOptimizer optimizer, ParamGroup group, IEnumerable<Parameter> parameters) =>
        optimizer.Over(group, parameters.Select(static (parameter, index) => ($"{index}", parameter)));

    public static FusedOptimizer Over(this FusedOptimizer optimizer, IEnumerable<ParamGroup> groups)
    {
        foreach (ParamGroup group in groups)
        {
            optimizer.add_param_group(group);
        }

        return optimizer;
    }

    /// <summary>The group's options, with its learning rate and the initial one that schedulers start from.</summary>
    public static TOptions Options<TOptions>(ParamGroup group, double learningRate) where TOptions : OptimizerOptions, new()
    {
        group.Options ??= new TOptions();
        if (group.Options is not TOptions options)
        {
            throw new ArgumentException(
                $"A parameter group carries {group.Options.GetType().FullName}; this optimizer's groups carry {typeof(TOptions).FullName}.", nameof(group));
        }

        options.LearningRate ??= learningRate;
        options.InitialLearningRate = options.LearningRate.Value;
        return options.LearningRate >= 0
            ? options
            : throw new ArgumentException($"The learning rate is {options.LearningRate}; allowed: at least 0.", nameof(learningRate));
    }
}
