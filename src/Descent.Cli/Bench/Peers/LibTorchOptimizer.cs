using System.Globalization;
using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Cli.Bench;

/// <summary>
/// libtorch's own fused optimizers (<c>torch._fused_adamw_</c> and its siblings), reached through TorchScript: the peer to measure
/// against and the reference to agree with.
/// </summary>
internal sealed class LibTorchOptimizer : IDisposable
{
    private readonly jit.CompilationUnit _script;
    private readonly Tensor[] _parameters;
    private readonly Tensor[][] _states;
    private readonly Tensor[] _steps;
    private bool _first = true;

    private LibTorchOptimizer(Tensor[] parameters, int states, double initial, string call)
    {
        // The constants are part of the script: numbers passed as arguments would be implicit Scalars, which nothing keeps alive.
        _script = jit.compile($"""
            def step(p: List[Tensor], g: List[Tensor], s0: List[Tensor], s1: List[Tensor], s2: List[Tensor], t: List[Tensor], first: bool, times: int):
                for i in range(times):
                    torch._foreach_add_(t, 1)
                    {call}
                return t[0]

            """);
        _parameters = [.. parameters.Select(parameter => parameter.detach().DetachFromDisposeScope())];
        _states = [.. Enumerable.Range(0, 3).Select(index => index < states ? Like(parameters, initial) : [])];
        _steps = [.. parameters.Select(parameter => zeros(1, device: parameter.device).DetachFromDisposeScope())];
    }

    /// <summary>The operator that does what <paramref name="options"/> describe, or null where libtorch has none.</summary>
    public static LibTorchOptimizer? TryCreate(OptimizerOptions options, Tensor[] parameters)
    {
        string common = $"weight_decay={Text(options.WeightDecay)}, maximize={Text(options.Maximize)}, lr={Text(options.LearningRate)}";
        return options switch
        {
            AdamWOptions o => Adam("_fused_adamw_", o.Beta1, o.Beta2, o.Epsilon, o.AmsGrad),
            AdamOptions o => Adam("_fused_adam_", o.Beta1, o.Beta2, o.Epsilon, o.AmsGrad),
            SgdOptions => new(parameters, 0, 0, $"torch._fused_sgd_(p, g, s0, momentum=0.0, dampening=0.0, nesterov=False, is_first_step=first, {common})"),
            MomentumOptions o => new(parameters, 1, 0,
                $"torch._fused_sgd_(p, g, s0, momentum={Text(o.Momentum)}, dampening={Text(o.Dampening)}, nesterov={Text(o.Nesterov)}, is_first_step=first, {common})"),
            AdagradOptions o => new(parameters, 1, o.InitialAccumulator,
                $"torch._fused_adagrad_(p, g, s0, t, lr_decay={Text(o.LearningRateDecay)}, eps={Text(o.Epsilon)}, {common})"),
            _ => null,
        };

        LibTorchOptimizer Adam(string name, double beta1, double beta2, double epsilon, bool amsgrad) =>
            new(parameters, amsgrad ? 3 : 2, 0,
                $"torch.{name}(p, g, s0, s1, s2, t, beta1={Text(beta1)}, beta2={Text(beta2)}, eps={Text(epsilon)}, amsgrad={Text(amsgrad)}, {common})");
    }

    /// <summary>Some steps with the same gradients; several in one call leave out what crossing into TorchScript costs.</summary>
    public void Step(Tensor[] gradients, int times = 1)
    {
        using var noGrad = no_grad();
        using var result = (Tensor)_script.invoke("step", _parameters, gradients, _states[0], _states[1], _states[2], _steps, _first, times);
        _first = false;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _states.SelectMany(state => state).Concat(_steps).Concat(_parameters))
        {
            tensor.Dispose();
        }

        _script.Dispose();
    }

    private static Tensor[] Like(Tensor[] parameters, double initial) =>
        [.. parameters.Select(parameter => full(parameter.shape, initial, parameter.dtype, parameter.device).DetachFromDisposeScope())];

    private static string Text(bool value) => value ? "True" : "False";

    private static string Text(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }
}
