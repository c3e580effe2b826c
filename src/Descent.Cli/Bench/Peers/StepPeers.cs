using Descent.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Cli.Bench;

/// <summary>
/// One rule over the same tensors three times: Descent's fused step, libtorch's own fused operator where it has one, and TorchSharp's
/// optimizer. Everyone keeps states of its own, so the work is that of a real step.
/// </summary>
internal sealed class StepPeers : IDisposable
{
    /// <summary>Names of the cases after the first, Descent's.</summary>
    public const string LibTorch = "libtorch", TorchSharp = "TorchSharp";

    private readonly Parameter[] _parameters;
    private readonly Tensor[] _gradients;
    private readonly List<IDisposable> _owned = [];

    /// <summary>Makes parameters and gradients and the peers over them.</summary>
    /// <param name="lengths">Lengths of the tensors.</param>
    /// <param name="options">The rule.</param>
    public StepPeers(long[] lengths, RuleOptions options)
    {
        RuleOptions small = options with { LearningRate = 1e-6 }; // the values stay where they are, the work is the same
        _parameters = [.. lengths.Select(length => new Parameter(full(length, 0.02f)))];
        _gradients = [.. lengths.Select(length => full(length, 0.01f))];
        foreach (var (parameter, gradient) in _parameters.Zip(_gradients))
        {
            parameter.grad = gradient;
        }

        long bytes = (3 + (2 * options.State.Count)) * lengths.Sum() * sizeof(float);
        List<StepCase> cases = [];

        FusedOptimizer ours = FusedOptimizer.Create(_parameters.Select((parameter, index) => ($"{index}", parameter)), small);
        Add("descent", ours, () => ours.step());
        if (LibTorchOptimizer.TryCreate(small, [.. _parameters]) is { } libtorch)
        {
            Add(LibTorch, libtorch, () => libtorch.Step(_gradients));
        }

        if (TorchSharps(small) is { } torchSharp)
        {
            Add(TorchSharp, torchSharp, () => torchSharp.step());
        }

        Cases = cases;

        void Add(string name, IDisposable owner, Action step)
        {
            _owned.Add(owner);
            cases.Add(new StepCase(name, bytes, step));
        }
    }

    /// <summary>"descent", "libtorch" where it has the rule, "TorchSharp" where it has it.</summary>
    public IReadOnlyList<StepCase> Cases { get; }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned.Concat(_parameters).Concat(_gradients))
        {
            owned.Dispose();
        }
    }

    private optim.Optimizer? TorchSharps(RuleOptions options) => options switch
    {
        Optimizers.SgdOptions o => optim.SGD(_parameters, o.LearningRate, weight_decay: o.WeightDecay),
        Optimizers.MomentumOptions o => optim.SGD(_parameters, o.LearningRate, o.Momentum, o.Dampening, o.WeightDecay, o.Nesterov),
        Optimizers.AdagradOptions o => optim.Adagrad(_parameters, o.LearningRate, o.LearningRateDecay, o.WeightDecay, o.InitialAccumulator, o.Epsilon),
        Optimizers.RmsPropOptions o => optim.RMSProp(_parameters, o.LearningRate, o.Alpha, o.Epsilon, o.WeightDecay, o.Momentum, o.Centered),
        Optimizers.AdamOptions o => optim.Adam(_parameters, o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay, o.AmsGrad),
        Optimizers.AdamWOptions o => optim.AdamW(_parameters, o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay, o.AmsGrad),
        _ => null,
    };
}
