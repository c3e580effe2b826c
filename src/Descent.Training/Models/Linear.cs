using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// y = x Wᵀ + b, or y = a x Wᵀ + b with a multiplier a, over the last dimension (over all but the first with <c>flatten</c>), W [out, in]; gradients of W and b are accumulated in place.
/// </summary>
internal sealed class Linear : Layer
{
    private readonly bool _bias;
    private readonly bool _flatten;
    private readonly Scalar? _multiplier;

    public Linear(int inputs, int outputs, bool bias, bool flatten = false, double multiplier = 1)
        : base(nameof(Linear))
    {
        RegisterParameter("weight", [outputs, inputs]);
        _bias = bias;
        _flatten = flatten;
        _multiplier = multiplier == 1 ? null : multiplier.ToScalar();
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

    private Tensor Apply(Tensor input)
    {
        Tensor? bias = _bias ? Parameter("bias") : null;
        if (_multiplier is null)
        {
            return LinearFunction.Apply(input, Parameter("weight"), bias);
        }

        using Tensor scaled = input.mul(_multiplier);
        return LinearFunction.Apply(scaled, Parameter("weight"), bias);
    }
}
