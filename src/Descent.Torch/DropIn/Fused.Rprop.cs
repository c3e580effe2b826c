using Descent.Optimizers;
using TorchSharp.Modules;
using TorchRprop = TorchSharp.Modules.Rprop;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>
    /// Rprop, see <see cref="RpropOptions"/>: with the arguments of TorchSharp's <c>torch.optim.Rprop</c>, fused. It computes what PyTorch's does; TorchSharp's own
    /// (0.107) adds <c>max_step</c>·θ to the gradient.
    /// </summary>
    /// <param name="parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="lr">What every step size starts from, at least 0; schedulers have no effect after the first step. Default 1e-2.</param>
    /// <param name="etaminus">η⁻, above 0 and below 1: the factor where a sign changes. Default 0.5.</param>
    /// <param name="etaplus">η⁺, above 1: the factor where a sign stays. Default 1.2.</param>
    /// <param name="min_step">Least step size, at least 0. Default 1e-6.</param>
    /// <param name="max_step">Largest step size, above 0. Default 50.</param>
    /// <param name="maximize">Climb instead of descend. Default false.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer Rprop(
        IEnumerable<Parameter> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false) =>
        NewRprop(lr, etaminus, etaplus, min_step, max_step, maximize).Over(new TorchRprop.ParamGroup(), parameters);

    /// <inheritdoc cref="Rprop(IEnumerable{Parameter}, double, double, double, double, double, bool)"/>
    public static FusedOptimizer Rprop(
        IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false) =>
        NewRprop(lr, etaminus, etaplus, min_step, max_step, maximize).Over(new TorchRprop.ParamGroup(), parameters);

    /// <inheritdoc cref="Rprop(IEnumerable{Parameter}, double, double, double, double, double, bool)"/>
    public static FusedOptimizer Rprop(
        IEnumerable<TorchRprop.ParamGroup> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false) =>
        NewRprop(lr, etaminus, etaplus, min_step, max_step, maximize).Over(parameters);

    private static PlainOptimizer NewRprop(double lr, double etaminus, double etaplus, double minStep, double maxStep, bool maximize)
    {
        return new PlainOptimizer(Bind);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchRprop.Options>(group, lr);
            options.etaminus ??= etaminus;
            options.etaplus ??= etaplus;
            options.min_step ??= minStep;
            options.max_step ??= maxStep;
            options.maximize ??= maximize;
            return new GroupRule<TorchRprop.Options, (double Rate, double Shrink, double Grow, double Least, double Most, bool Maximize)>(
                options,
                static o => (o.LearningRate!.Value, o.etaminus!.Value, o.etaplus!.Value, o.min_step!.Value, o.max_step!.Value, o.maximize!.Value),
                static k => new RpropOptions
                {
                    LearningRate = k.Rate,
                    Shrink = k.Shrink,
                    Grow = k.Grow,
                    MinimumStep = k.Least,
                    MaximumStep = k.Most,
                    Maximize = k.Maximize,
                },
                static _ => 0);
        }
    }
}
