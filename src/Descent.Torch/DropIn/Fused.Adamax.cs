using Descent.Optimizers;
using TorchSharp.Modules;
using TorchAdamax = TorchSharp.Modules.Adamax;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>
    /// AdaMax, see <see cref="AdamaxOptions"/>: as <c>torch.optim.Adamax</c> of TorchSharp, fused.
    /// </summary>
    /// <param name="parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="lr">Learning rate γ, at least 0. Default 0.002.</param>
    /// <param name="beta1">β₁, 0 ≤ β₁ &lt; 1. Default 0.9.</param>
    /// <param name="beta2">β₂, 0 ≤ β₂ &lt; 1. Default 0.999.</param>
    /// <param name="eps">ε, at least 0. Default 1e-8.</param>
    /// <param name="weight_decay">λ, added to the gradient as λ·θ, at least 0. Default 0.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer Adamax(
        IEnumerable<Parameter> parameters, double lr = 0.002, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0) =>
        NewAdamax(lr, beta1, beta2, eps, weight_decay).Over(new TorchAdamax.ParamGroup(), parameters);

    /// <inheritdoc cref="Adamax(IEnumerable{Parameter}, double, double, double, double, double)"/>
    public static FusedOptimizer Adamax(
        IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.002, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0) =>
        NewAdamax(lr, beta1, beta2, eps, weight_decay).Over(new TorchAdamax.ParamGroup(), parameters);

    /// <inheritdoc cref="Adamax(IEnumerable{Parameter}, double, double, double, double, double)"/>
    public static FusedOptimizer Adamax(
        IEnumerable<TorchAdamax.ParamGroup> parameters, double lr = 0.002, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0) =>
        NewAdamax(lr, beta1, beta2, eps, weight_decay).Over(parameters);

    private static BetasOptimizer NewAdamax(double lr, double beta1, double beta2, double eps, double weightDecay)
    {
        var defaults = new TorchAdamax.ParamGroup([], lr, beta1, beta2, eps, weightDecay);
        return new BetasOptimizer(Bind, defaults);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchAdamax.Options>(group, lr);
            options.beta1 ??= defaults.Options.beta1;
            options.beta2 ??= defaults.Options.beta2;
            options.eps ??= eps;
            options.weight_decay ??= weightDecay;
            return new GroupRule<TorchAdamax.Options, (double Beta1, double Beta2, double Epsilon)>(
                options,
                static o => (o.beta1!.Value, o.beta2!.Value, o.eps!.Value),
                static k => new AdamaxOptions { Beta1 = k.Beta1, Beta2 = k.Beta2, Epsilon = k.Epsilon },
                static o => o.weight_decay!.Value);
        }
    }
}
