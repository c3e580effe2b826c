using System.Globalization;
using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Cli.Bench;

/// <summary>AdamW as PyTorch's <c>foreach</c> implementation does it: one operator over all tensors at a time.</summary>
internal sealed class ForeachAdamW : IDisposable
{
    private readonly jit.CompilationUnit _script;
    private readonly Tensor[] _parameters;
    private readonly Tensor[] _means;
    private readonly Tensor[] _squares;

    /// <param name="options">The settings.</param>
    /// <param name="parameters">Updated in place.</param>
    /// <param name="step">The step whose bias corrections every call applies: they cost the same at any.</param>
    public ForeachAdamW(AdamWOptions options, Tensor[] parameters, int step)
    {
        double correction1 = 1 - Math.Pow(options.Beta1, step), correction2 = 1 - Math.Pow(options.Beta2, step);

        // The constants are part of the script: numbers passed as arguments would be implicit Scalars, which nothing keeps alive.
        _script = jit.compile($"""
            def step(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor]):
                torch._foreach_mul_(p, {Text(1 - (options.LearningRate * options.WeightDecay))})
                torch._foreach_lerp_(m, g, {Text(1 - options.Beta1)})
                torch._foreach_mul_(v, {Text(options.Beta2)})
                torch._foreach_addcmul_(v, g, g, {Text(1 - options.Beta2)})
                root = torch._foreach_sqrt(v)
                torch._foreach_div_(root, {Text(Math.Sqrt(correction2))})
                torch._foreach_add_(root, {Text(options.Epsilon)})
                torch._foreach_addcdiv_(p, m, root, {Text(-options.LearningRate / correction1)})
                return p[0]

            """);
        _parameters = [.. parameters.Select(parameter => parameter.detach().DetachFromDisposeScope())];
        _means = [.. parameters.Select(parameter => zeros_like(parameter).detach().DetachFromDisposeScope())];
        _squares = [.. parameters.Select(parameter => zeros_like(parameter).detach().DetachFromDisposeScope())];
    }

    /// <summary>One step.</summary>
    public void Step(Tensor[] gradients)
    {
        using var noGrad = no_grad();
        using var result = (Tensor)_script.invoke("step", _parameters, gradients, _means, _squares);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _parameters.Concat(_means).Concat(_squares))
        {
            tensor.Dispose();
        }

        _script.Dispose();
    }

    private static string Text(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }
}
