using Descent.Optimizers;
using TorchSharp.Modules;
using TorchASGD = TorchSharp.Modules.ASGD;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>
    /// Averaged SGD, see <see cref="AsgdOptions"/>: as <c>torch.optim.ASGD</c> of TorchSharp, fused. The mean of the points is θ + <c>ax_minus_param</c>.
    /// </summary>
    /// <param name="parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="lr">Learning rate γ, at least 0. Default 1e-3.</param>
    /// <param name="lambd">λ and κ, at least 0: shrinks the parameters and the rate. Default 1e-4.</param>
    /// <param name="alpha">α, at least 0: the power of the rate's fall. Default 0.75.</param>
    /// <param name="t0">Steps before averaging begins, at least 0. Default 1,000,000.</param>
    /// <param name="weight_decay">λ, added to the gradient as λ·θ, at least 0. Default 0.</param>
    /// <param name="maximize">Climb instead of descend. Default false.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer ASGD(
        IEnumerable<Parameter> parameters, double lr = 1e-3, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0, bool maximize = false) =>
        NewASGD(lr, lambd, alpha, t0, weight_decay, maximize).Over(new ParamGroup<TorchASGD.Options>(), parameters);

    /// <inheritdoc cref="ASGD(IEnumerable{Parameter}, double, double, double, double, double, bool)"/>
    public static FusedOptimizer ASGD(
        IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0, bool maximize = false) =>
        NewASGD(lr, lambd, alpha, t0, weight_decay, maximize).Over(new ParamGroup<TorchASGD.Options>(), parameters);

    /// <inheritdoc cref="ASGD(IEnumerable{Parameter}, double, double, double, double, double, bool)"/>
    public static FusedOptimizer ASGD(
        IEnumerable<ParamGroup<TorchASGD.Options>> parameters, double lr = 1e-3, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0, bool maximize = false) =>
        NewASGD(lr, lambd, alpha, t0, weight_decay, maximize).Over(parameters);

    private static PlainOptimizer NewASGD(double lr, double lambd, double alpha, double t0, double weightDecay, bool maximize)
    {
        return new PlainOptimizer(Bind);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchASGD.Options>(group, lr);
            options.lambd ??= lambd;
            options.alpha ??= alpha;
            options.t0 ??= t0;
            options.weight_decay ??= weightDecay;
            options.maximize ??= maximize;
            return new GroupRule<TorchASGD.Options, (double Decay, double Power, double Start, bool Maximize)>(
                options,
                static o => (o.lambd!.Value, o.alpha!.Value, o.t0!.Value, o.maximize!.Value),
                static k => new AsgdOptions { RateDecay = k.Decay, Power = k.Power, AveragingStart = k.Start, Maximize = k.Maximize },
                static o => o.lambd!.Value,
                static o => o.weight_decay!.Value);
        }
    }
}
