using Descent.Optimizers;
using TorchSharp.Modules;
using TorchNAdam = TorchSharp.Modules.NAdam;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>
    /// NAdam, see <see cref="NAdamOptions"/>: with the arguments of TorchSharp's <c>torch.optim.NAdam</c>, fused. It computes what PyTorch's does; TorchSharp's own
    /// (0.107) starts its product of momenta from 0 instead of 1 and so leaves the bias correction of the first moment out.
    /// </summary>
    /// <param name="named_parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="lr">Learning rate γ, at least 0. Default 0.002.</param>
    /// <param name="beta1">β₁, 0 ≤ β₁ &lt; 1. Default 0.9.</param>
    /// <param name="beta2">β₂, 0 ≤ β₂ &lt; 1. Default 0.999.</param>
    /// <param name="eps">ε, at least 0. Default 1e-8.</param>
    /// <param name="weight_decay">λ, added to the gradient as λ·θ, at least 0. Default 0.</param>
    /// <param name="momentum_decay">ψ, at least 0: how fast the look-ahead rises. Default 4e-3.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer NAdam(
        IEnumerable<Parameter> named_parameters, double lr = 0.002, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, double momentum_decay = 4e-3) =>
        NewNAdam(lr, beta1, beta2, eps, weight_decay, momentum_decay).Over(new TorchNAdam.ParamGroup(), named_parameters);

    /// <inheritdoc cref="NAdam(IEnumerable{Parameter}, double, double, double, double, double, double)"/>
    public static FusedOptimizer NAdam(
        IEnumerable<(string name, Parameter parameter)> named_parameters, double lr = 0.002, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, double momentum_decay = 4e-3) =>
        NewNAdam(lr, beta1, beta2, eps, weight_decay, momentum_decay).Over(new TorchNAdam.ParamGroup(), named_parameters);

    /// <inheritdoc cref="NAdam(IEnumerable{Parameter}, double, double, double, double, double, double)"/>
    public static FusedOptimizer NAdam(
        IEnumerable<TorchNAdam.ParamGroup> parameters, double lr = 0.002, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, double momentum_decay = 4e-3) =>
        NewNAdam(lr, beta1, beta2, eps, weight_decay, momentum_decay).Over(parameters);

    private static BetasOptimizer NewNAdam(double lr, double beta1, double beta2, double eps, double weightDecay, double momentumDecay)
    {
        var defaults = new TorchNAdam.ParamGroup([], lr, beta1, beta2, eps, weightDecay, momentumDecay);
        return new BetasOptimizer(Bind, defaults);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchNAdam.Options>(group, lr);
            options.beta1 ??= defaults.Options.beta1;
            options.beta2 ??= defaults.Options.beta2;
            options.eps ??= eps;
            options.weight_decay ??= weightDecay;
            options.momentum_decay ??= momentumDecay;
            return new GroupRule<TorchNAdam.Options, (double Beta1, double Beta2, double Epsilon, double Decay)>(
                options,
                static o => (o.beta1!.Value, o.beta2!.Value, o.eps!.Value, o.momentum_decay!.Value),
                static k => new NAdamOptions { Beta1 = k.Beta1, Beta2 = k.Beta2, Epsilon = k.Epsilon, MomentumDecay = k.Decay },
                static o => o.weight_decay!.Value);
        }
    }
}
