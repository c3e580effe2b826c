using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>y = x Wᵀ + b with the gradients of W and b accumulated in place (see <see cref="GradientSink"/>). W is [out, in].</summary>
internal sealed class LinearFunction : DirectFunction<LinearFunction>
{
    protected override int Arguments => 3;

    public static Tensor Apply(Tensor x, Tensor weight, Tensor? bias) =>
        Records(x, weight, bias) ? apply(x, weight, bias!) : Product(x, weight, bias);

    protected override (Tensor Output, IDisposable State) Forward(object[] arguments)
    {
        var x = (Tensor)arguments[0];
        var weight = (Tensor)arguments[1];
        var bias = (Tensor?)arguments[2];
        return (Product(x, weight, bias), new State(Keep(x), weight, bias, x.requires_grad));
    }

    protected override void Backward(IDisposable state, Tensor gradient, Tensor?[] gradients)
    {
        var (x, weight, bias, inputWanted) = (State)state;
        long inputs = weight.shape[1];
        Tensor g_NO = gradient.reshape(-1, weight.shape[0]);
        if (inputWanted)
        {
            using WideRoom wide = StoredWeight.Widen(weight);
            gradients[0] = g_NO.mm(wide.Tensor).view(x.shape);
        }

        gradients[1] = GradientSink.AddProduct(weight, g_NO.t(), x.reshape(-1, inputs));
        if (bias is not null)
        {
            gradients[2] = GradientSink.Add(bias, g_NO.sum([0]));
        }
    }

    private static Tensor Product(Tensor x, Tensor weight, Tensor? bias)
    {
        using WideRoom wide = StoredWeight.Widen(weight);
        return nn.functional.linear(x, wide.Tensor, bias);
    }

    private sealed record State(Tensor X, Tensor Weight, Tensor? Bias, bool InputWanted) : IDisposable
    {
        public void Dispose() => X.Dispose();
    }
}
