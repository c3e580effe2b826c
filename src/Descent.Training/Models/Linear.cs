using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// y = x Wᵀ + b over the last dimension (over all but the first with <c>flatten</c>), W [out, in]; gradients of W and b are accumulated in place.
/// </summary>
internal sealed class Linear : Layer
{
    private readonly bool _bias;
    private readonly bool _flatten;

    public Linear(int inputs, int outputs, bool bias, bool flatten = false)
        : base(nameof(Linear))
    {
        RegisterParameter("weight", [outputs, inputs]);
        _bias = bias;
        _flatten = flatten;
        if (bias)
        {
            RegisterParameter("bias", [outputs]);
        }
    }

    public override Tensor forward(Tensor input)
    {
        if (!_flatten || input.dim() == 2)
        {
            return Apply(input);
        }

        using Tensor flat = input.reshape(input.shape[0], -1);
        return Apply(flat);
    }

    private Tensor Apply(Tensor input) => LinearFunction.Apply(input, Parameter("weight"), _bias ? Parameter("bias") : null);
}
