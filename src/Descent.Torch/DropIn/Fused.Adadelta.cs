using Descent.Optimizers;
using TorchSharp.Modules;
using TorchAdadelta = TorchSharp.Modules.Adadelta;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>
    /// AdaDelta, see <see cref="AdadeltaOptions"/>: as <c>torch.optim.Adadelta</c> of TorchSharp, fused.
    /// </summary>
    /// <param name="parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="lr">Learning rate γ, at least 0. Default 1.0.</param>
    /// <param name="rho">ρ, 0 ≤ ρ &lt; 1: how slowly the means of squares move. Default 0.9.</param>
    /// <param name="eps">ε, above 0. Default 1e-6.</param>
    /// <param name="weight_decay">λ, added to the gradient as λ·θ, at least 0. Default 0.</param>
    /// <param name="maximize">Climb instead of descend. Default false.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer Adadelta(
        IEnumerable<Parameter> parameters, double lr = 1.0, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false) =>
        NewAdadelta(lr, rho, eps, weight_decay, maximize).Over(new TorchAdadelta.ParamGroup(), parameters);

    /// <inheritdoc cref="Adadelta(IEnumerable{Parameter}, double, double, double, double, bool)"/>
    public static FusedOptimizer Adadelta(
        IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1.0, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false) =>
        NewAdadelta(lr, rho, eps, weight_decay, maximize).Over(new TorchAdadelta.ParamGroup(), parameters);

    /// <inheritdoc cref="Adadelta(IEnumerable{Parameter}, double, double, double, double, bool)"/>
    public static FusedOptimizer Adadelta(
        IEnumerable<TorchAdadelta.ParamGroup> parameters, double lr = 1.0, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false) =>
        NewAdadelta(lr, rho, eps, weight_decay, maximize).Over(parameters);

    private static PlainOptimizer NewAdadelta(double lr, double rho, double eps, double weightDecay, bool maximize)
    {
        return new PlainOptimizer(Bind);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchAdadelta.Options>(group, lr);
            options.rho ??= rho;
            options.eps ??= eps;
            options.weight_decay ??= weightDecay;
            options.maximize ??= maximize;
            return new GroupRule<TorchAdadelta.Options, (double Rho, double Epsilon, bool Maximize)>(
                options,
                static o => (o.rho!.Value, o.eps!.Value, o.maximize!.Value),
                static k => new AdadeltaOptions { Rho = k.Rho, Epsilon = k.Epsilon, Maximize = k.Maximize },
                static o => o.weight_decay!.Value);
        }
    }
}
