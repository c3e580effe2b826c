using Descent.Optimizers;
using TorchSharp.Modules;
using RuleOptions = Descent.Optimizers.OptimizerOptions;
using TorchSGD = TorchSharp.Modules.SGD;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>
    /// Gradient descent, with momentum and Nesterov's look-ahead if asked for, see <see cref="SgdOptions"/> and
    /// <see cref="MomentumOptions"/>: as <c>torch.optim.SGD</c> of TorchSharp, fused.
    /// </summary>
    /// <param name="parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="learningRate">Learning rate γ, at least 0.</param>
    /// <param name="momentum">μ, at least 0. Default 0: no momentum and no state.</param>
    /// <param name="dampening">τ, from 0 to 1: how much of each gradient after the first is left out of the momentum. Default 0.</param>
    /// <param name="weight_decay">λ, added to the gradient as λ·θ, at least 0. Default 0.</param>
    /// <param name="nesterov">Look ahead by one step of momentum; needs momentum and no dampening. Default false.</param>
    /// <param name="maximize">Climb instead of descend. Default false.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0,
        double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
        NewSGD(learningRate, momentum, dampening, weight_decay, nesterov, maximize).Over(new TorchSGD.ParamGroup(), parameters);

    /// <inheritdoc cref="SGD(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
    public static FusedOptimizer SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0,
        double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
        NewSGD(learningRate, momentum, dampening, weight_decay, nesterov, maximize).Over(new TorchSGD.ParamGroup(), parameters);

    /// <inheritdoc cref="SGD(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
    public static FusedOptimizer SGD(IEnumerable<TorchSGD.ParamGroup> parameters, double learningRate, double momentum = 0.0,
        double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
        NewSGD(learningRate, momentum, dampening, weight_decay, nesterov, maximize).Over(parameters);

    private static MomentumOptimizer NewSGD(
        double learningRate, double momentum, double dampening, double weightDecay, bool nesterov, bool maximize)
    {
        var defaults = new TorchSGD.ParamGroup([], learningRate, momentum, dampening, weightDecay, nesterov, maximize);
        return new MomentumOptimizer(Bind, defaults);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchSGD.Options>(group, learningRate);
            options.momentum ??= defaults.Momentum;
            options.dampening ??= dampening;
            options.weight_decay ??= weightDecay;
            options.nesterov ??= nesterov;
            options.maximize ??= maximize;
            if (options.nesterov.Value && (options.momentum <= 0 || options.dampening != 0))
            {
                throw new ArgumentException(
                    $"Nesterov with momentum {options.momentum} and dampening {options.dampening}; allowed: momentum above 0 and dampening 0.", nameof(nesterov));
            }

            return new GroupRule<TorchSGD.Options, (double Momentum, double Dampening, bool Nesterov, bool Maximize)>(
                options,
                static o => (o.momentum!.Value, o.dampening!.Value, o.nesterov!.Value, o.maximize!.Value),
                static RuleOptions (k) => k.Momentum == 0
                    ? new SgdOptions { Maximize = k.Maximize }
                    : new MomentumOptions { Momentum = k.Momentum, Dampening = k.Dampening, Nesterov = k.Nesterov, Maximize = k.Maximize },
                static o => o.weight_decay!.Value);
        }
    }
}
