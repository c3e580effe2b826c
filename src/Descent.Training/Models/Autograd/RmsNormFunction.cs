using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// y = x · r · w with r = 1/√(mean(x²) + ε) over the last dimension; keeps x and one r a row, where the composed operators keep four
/// tensors of x's size.
/// </summary>
/// <remarks>∂x = r·(g·w) − x · r³ · mean(g·w·x), ∂w = Σ g·x·r (Zhang and Sennrich 2019, arXiv 1910.07467, equation 4).</remarks>
internal sealed class RmsNormFunction : DirectFunction<RmsNormFunction>
{
    protected override int Arguments => 3;

    public static Tensor Apply(Tensor x, Tensor weight, Scalar epsilon)
    {
        if (Records(x, weight))
        {
            return apply(x, weight, epsilon);
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor scaled = x.mul(InverseRms(x, epsilon));
        return scaled.mul_(weight).MoveToOuterDisposeScope();
    }

    protected override (Tensor Output, IDisposable State) Forward(object[] arguments)
    {
        var x = (Tensor)arguments[0];
        var weight = (Tensor)arguments[1];
        Tensor r = InverseRms(x, (Scalar)arguments[2]).DetachFromDisposeScope();
        return (x.mul(r).mul_(weight), new State(Keep(x), weight, r, x.requires_grad));
    }

    protected override void Backward(IDisposable state, Tensor gradient, Tensor?[] gradients)
    {
        var (x, weight, r, inputWanted) = (State)state;
        long width = x.shape[^1];
        Tensor normalized = x.mul(r);
        if (weight.requires_grad)
        {
            gradients[1] = GradientSink.Add(weight, gradient.mul(normalized).view(-1, width).sum([0]));
        }

        if (inputWanted)
        {
            Tensor gw = gradient.mul(weight);
            Tensor correlation = gw.mul(normalized).mean([-1], keepdim: true);
            gradients[0] = gw.sub_(normalized.mul_(correlation)).mul_(r);
        }
    }

    private static Tensor InverseRms(Tensor x, Scalar epsilon)
    {
        using Tensor squares = x.mul(x);
        Tensor mean = squares.mean([-1], keepdim: true);
        return mean.add_(epsilon, GradientSink.One).rsqrt_();
    }

    private sealed record State(Tensor X, Tensor Weight, Tensor InverseRms, bool InputWanted) : IDisposable
    {
        public void Dispose()
        {
            X.Dispose();
            InverseRms.Dispose();
        }
    }
}
