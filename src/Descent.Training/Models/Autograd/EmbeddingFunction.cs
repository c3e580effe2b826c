using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// y = W[index], with backward adding the rows into W.grad: autograd's own makes a dense zero matrix of W's size (154 MB for GPT-2) and
/// adds all of it.
/// </summary>
internal sealed class EmbeddingFunction : DirectFunction<EmbeddingFunction>
{
    protected override int Arguments => 2;

    /// <summary>Looks up rows: [vocabulary, width] at int64 indices of any shape gives [indices…, width].</summary>
    public static Tensor Apply(Tensor weight, Tensor index) =>
        Records(weight) ? apply(weight, index) : Rows(weight, index);

    protected override (Tensor Output, IDisposable State) Forward(object[] arguments)
    {
        var weight = (Tensor)arguments[0];
        var index = (Tensor)arguments[1];
        return (Rows(weight, index), new State(weight, Keep(index)));
    }

    protected override void Backward(IDisposable state, Tensor gradient, Tensor?[] gradients)
    {
        var (weight, index) = (State)state;
        gradients[0] = GradientSink.AddRows(weight, index.reshape(-1), gradient.reshape(-1, weight.shape[1]));
    }

    private static Tensor Rows(Tensor weight, Tensor index)
    {
        using Tensor flat = index.reshape(-1);
        using Tensor rows = weight.index_select(0, flat);
        using Tensor wide = weight.dtype == ScalarType.BFloat16 ? rows.to(ScalarType.Float32) : rows.alias();
        return wide.view([.. index.shape, weight.shape[1]]);
    }

    private sealed record State(Tensor Weight, Tensor Index) : IDisposable
    {
        public void Dispose() => Index.Dispose();
    }
}
