using Descent.Optimizers;
using TorchSharp.Modules;
using TorchAdagrad = TorchSharp.Modules.Adagrad;

namespace Descent.Torch;

public static partial class Fused
{
    /// <summary>AdaGrad, see <see cref="AdagradOptions"/>: as <c>torch.optim.Adagrad</c> of TorchSharp, fused.</summary>
    /// <param name="parameters">What to optimize. Given with names, states are kept under them.</param>
    /// <param name="lr">Learning rate γ, at least 0. Default 1e-2.</param>
    /// <param name="lr_decay">η, at least 0: the rate is γ/(1 + (t−1)η). Default 0.</param>
    /// <param name="weight_decay">λ, added to the gradient as λ·θ, at least 0. Default 0.</param>
    /// <param name="initial_accumulator_value">What the sum of squares starts from, at least 0. Default 0.</param>
    /// <param name="eps">ε, at least 0. Default 1e-10.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or a parameter is not of a floating point type.</exception>
    public static FusedOptimizer Adagrad(IEnumerable<Parameter> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0,
        double initial_accumulator_value = 0, double eps = 1e-10) =>
        NewAdagrad(lr, lr_decay, weight_decay, initial_accumulator_value, eps).Over(new TorchAdagrad.ParamGroup(), parameters);

    /// <inheritdoc cref="Adagrad(IEnumerable{Parameter}, double, double, double, double, double)"/>
    public static FusedOptimizer Adagrad(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-2, double lr_decay = 0,
        double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
        NewAdagrad(lr, lr_decay, weight_decay, initial_accumulator_value, eps).Over(new TorchAdagrad.ParamGroup(), parameters);

    /// <inheritdoc cref="Adagrad(IEnumerable{Parameter}, double, double, double, double, double)"/>
    public static FusedOptimizer Adagrad(IEnumerable<TorchAdagrad.ParamGroup> parameters, double lr = 1e-2, double lr_decay = 0,
        double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
        NewAdagrad(lr, lr_decay, weight_decay, initial_accumulator_value, eps).Over(parameters);

    private static PlainOptimizer NewAdagrad(double lr, double lrDecay, double weightDecay, double initialAccumulatorValue, double eps)
    {
        return new PlainOptimizer(Bind);

        GroupRule Bind(ParamGroup group)
        {
            var options = DropIn.Options<TorchAdagrad.Options>(group, lr);
            options.lr_decay ??= lrDecay;
            options.weight_decay ??= weightDecay;
            options.initial_accumulator_value ??= initialAccumulatorValue;
            options.eps ??= eps;
            return new GroupRule<TorchAdagrad.Options, (double Decay, double Initial, double Epsilon)>(
                options,
                static o => (o.lr_decay!.Value, o.initial_accumulator_value!.Value, o.eps!.Value),
                static k => new AdagradOptions { LearningRateDecay = k.Decay, InitialAccumulator = k.Initial, Epsilon = k.Epsilon },
                static o => o.weight_decay!.Value);
        }
    }
}
