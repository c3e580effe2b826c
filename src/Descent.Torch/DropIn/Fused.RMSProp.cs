using Descent.Optimizers;
using TorchSharp.Modules;
using TorchRMSProp = TorchSharp.Modules.RMSProp;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>RMSprop, see <see cref="RmsPropOptions"/>: as <c>torch.optim.RMSProp</c> of TorchSharp, fused.</summary>
    /// <param name="parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="lr">Learning rate γ, at least 0. Default 1e-2.</param>
    /// <param name="alpha">α, 0 ≤ α &lt; 1: how slowly the mean of squares moves. Default 0.99.</param>
    /// <param name="eps">ε, at least 0. Default 1e-8.</param>
    /// <param name="weight_decay">λ, added to the gradient as λ·θ, at least 0. Default 0.</param>
    /// <param name="momentum">μ, at least 0. Default 0.</param>
    /// <param name="centered">Divide by the root of the variance instead of the mean square. Default false.</param>
    /// <param name="maximize">Climb instead of descend. Default false.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer RMSProp(IEnumerable<Parameter> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8,
        double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
        NewRMSProp(lr, alpha, eps, weight_decay, momentum, centered, maximize).Over(new TorchRMSProp.ParamGroup(), parameters);

    /// <inheritdoc cref="RMSProp(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>
    public static FusedOptimizer RMSProp(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01, double alpha = 0.99,
        double eps = 1e-8, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
        NewRMSProp(lr, alpha, eps, weight_decay, momentum, centered, maximize).Over(new TorchRMSProp.ParamGroup(), parameters);

    /// <inheritdoc cref="RMSProp(IEnumerable{Parameter}, double, double, double, double, double, bool, bool)"/>
    public static FusedOptimizer RMSProp(IEnumerable<TorchRMSProp.ParamGroup> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8,
        double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
        NewRMSProp(lr, alpha, eps, weight_decay, momentum, centered, maximize).Over(parameters);

    private static MomentumOptimizer NewRMSProp(
        double lr, double alpha, double eps, double weightDecay, double momentum, bool centered, bool maximize)
    {
        var defaults = new TorchRMSProp.ParamGroup([], lr, eps, alpha, weightDecay, momentum, centered);
        return new MomentumOptimizer(Bind, defaults);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchRMSProp.Options>(group, lr);
            options.alpha ??= alpha;
            options.eps ??= eps;
            options.weight_decay ??= weightDecay;
            options.momentum ??= defaults.Momentum;
            options.centered ??= centered;
            options.maximize ??= maximize;
            return new GroupRule<TorchRMSProp.Options, (double Alpha, double Epsilon, double Momentum, bool Centered, bool Maximize)>(
                options,
                static o => (o.alpha!.Value, o.eps!.Value, o.momentum!.Value, o.centered!.Value, o.maximize!.Value),
                static k => new RmsPropOptions
                {
                    Alpha = k.Alpha,
                    Epsilon = k.Epsilon,
                    Momentum = k.Momentum,
                    Centered = k.Centered,
                    Maximize = k.Maximize,
                },
                static o => o.weight_decay!.Value);
        }
    }
}
