using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>Layer norm or RMS norm over the last dimension.</summary>
internal sealed class Norm : Layer
{
    private readonly NormKind _kind;
    private readonly long[] _shape;
    private readonly bool _bias;
    private readonly double _epsilon;
    private readonly Scalar _epsilonScalar;

    public Norm(NormKind kind, int width, double epsilon, bool bias)
        : base(kind.ToString())
    {
        _kind = kind;
        _shape = [width];
        _epsilon = epsilon;
        _epsilonScalar = epsilon.ToScalar();
        _bias = bias && kind == NormKind.LayerNorm;
        RegisterParameter("weight", _shape, ones: true);
        if (_bias)
        {
            RegisterParameter("bias", _shape);
        }
    }

    public override Tensor forward(Tensor input) => _kind == NormKind.RmsNorm
        ? RmsNormFunction.Apply(input, Parameter("weight"), _epsilonScalar)
        : nn.functional.layer_norm(input, _shape, Parameter("weight"), _bias ? Parameter("bias") : null, _epsilon);
}
