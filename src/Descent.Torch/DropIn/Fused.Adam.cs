using Descent.Optimizers;
using TorchSharp.Modules;
using TorchAdam = TorchSharp.Modules.Adam;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>Adam, see <see cref="AdamOptions"/>: as <c>torch.optim.Adam</c> of TorchSharp, fused.</summary>
    /// <param name="parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="lr">Learning rate γ, at least 0. Default 1e-3.</param>
    /// <param name="beta1">β₁, 0 ≤ β₁ &lt; 1. Default 0.9.</param>
    /// <param name="beta2">β₂, 0 ≤ β₂ &lt; 1. Default 0.999.</param>
    /// <param name="eps">ε, at least 0. Default 1e-8.</param>
    /// <param name="weight_decay">λ, added to the gradient as λ·θ, at least 0. Default 0.</param>
    /// <param name="amsgrad">Divide by the largest second moment so far. Default false.</param>
    /// <param name="maximize">Climb instead of descend. Default false.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer Adam(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
        NewAdam(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize).Over(new TorchAdam.ParamGroup(), parameters);

    /// <inheritdoc cref="Adam(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>
    public static FusedOptimizer Adam(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9,
        double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
        NewAdam(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize).Over(new TorchAdam.ParamGroup(), parameters);

    /// <inheritdoc cref="Adam(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>
    public static FusedOptimizer Adam(IEnumerable<TorchAdam.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
        NewAdam(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize).Over(parameters);

    private static BetasOptimizer NewAdam(
        double lr, double beta1, double beta2, double eps, double weightDecay, bool amsgrad, bool maximize)
    {
        var defaults = new TorchAdam.ParamGroup([], lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
        return new BetasOptimizer(Bind, defaults);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchAdam.Options>(group, lr);
            options.beta1 ??= defaults.Options.beta1;
            options.beta2 ??= defaults.Options.beta2;
            options.eps ??= eps;
            options.weight_decay ??= weightDecay;
            options.amsgrad ??= amsgrad;
            options.maximize ??= maximize;
            return new GroupRule<TorchAdam.Options, (double Beta1, double Beta2, double Epsilon, bool AmsGrad, bool Maximize)>(
                options,
                static o => (o.beta1!.Value, o.beta2!.Value, o.eps!.Value, o.amsgrad!.Value, o.maximize!.Value),
                static k => new AdamOptions { Beta1 = k.Beta1, Beta2 = k.Beta2, Epsilon = k.Epsilon, AmsGrad = k.AmsGrad, Maximize = k.Maximize },
                static o => o.weight_decay!.Value);
        }
    }
}
