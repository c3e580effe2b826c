using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Models;

/// <summary>The custom functions against libtorch's own operators in float64: values and every gradient, fresh and accumulated.</summary>
public sealed class AutogradFunctionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Linear_AgreesWithLibtorch(bool bias)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] leaves = bias ? [Leaf(2, 3, 4), Leaf(5, 4), Leaf(5)] : [Leaf(2, 3, 4), Leaf(5, 4)];
        AssertSame(
            leaves,
            t => LinearFunction.Apply(t[0], t[1], bias ? t[2] : null),
            t => nn.functional.linear(t[0], t[1], bias ? t[2] : null));
    }

    [Fact]
    public void Linear_OfTransposedInput_AgreesWithLibtorch()
    {
        using DisposeScope scope = NewDisposeScope();
        AssertSame(
            [Leaf(3, 2, 4), Leaf(5, 4)],
            t => LinearFunction.Apply(t[0].transpose(0, 1), t[1], null),
            t => nn.functional.linear(t[0].transpose(0, 1), t[1], null));
    }

    [Fact]
    public void Linear_OfWeightThatIsNotALeaf_HandsItsGradientOn()
    {
        using DisposeScope scope = NewDisposeScope();
        AssertSame(
            [Leaf(6, 4), Leaf(5, 4)],
            t => LinearFunction.Apply(t[0], t[1].tanh(), null),
            t => nn.functional.linear(t[0], t[1].tanh(), null));
    }

    [Fact]
    public void Linear_WithFrozenWeight_GivesItNoGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Leaf(2, 4);
        Tensor frozen = Leaf(3, 4).detach();
        BackwardPass.Run(LinearFunction.Apply(x, frozen, null).sum());
        Assert.Null(frozen.grad);
        Assert.NotNull(x.grad);
    }

    [Fact]
    public void Embedding_WithRepeatedTokens_AgreesWithIndexing()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor index = tensor(new long[] { 0, 2, 2, 6, 1, 2 }).view(2, 3);
        AssertSame([Leaf(7, 4)], t => EmbeddingFunction.Apply(t[0], index), t => t[0][index]);
    }

    [Fact]
    public void RmsNorm_AgreesWithItsFormula()
    {
        using DisposeScope scope = NewDisposeScope();
        using var epsilon = 1e-3.ToScalar();
        AssertSame(
            [Leaf(2, 3, 8), Leaf(8)],
            t => RmsNormFunction.Apply(t[0], t[1], epsilon),
            t => t[0] * (t[0].square().mean([-1], keepdim: true) + 1e-3).rsqrt() * t[1]);
    }

    [Fact]
    public void Functions_WithoutRecording_GiveTheSameValues()
    {
        using DisposeScope scope = NewDisposeScope();
        using var epsilon = 1e-3.ToScalar();
        Tensor x = Leaf(2, 3, 8), weight = Leaf(8), matrix = Leaf(5, 8), index = tensor(new long[] { 1, 4 });
        Tensor[] recorded = [RmsNormFunction.Apply(x, weight, epsilon), LinearFunction.Apply(x, matrix, null), EmbeddingFunction.Apply(matrix, index)];
        using IDisposable noGrad = no_grad();
        Tensor[] plain = [RmsNormFunction.Apply(x, weight, epsilon), LinearFunction.Apply(x, matrix, null), EmbeddingFunction.Apply(matrix, index)];
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.True(recorded[i].requires_grad);
            Assert.False(plain[i].requires_grad);
            Assert.True(plain[i].allclose(recorded[i], 0, 0));
        }
    }

    [Fact]
    public void BackwardPass_WhenAFunctionFails_ThrowsInsteadOfEndingTheProcess()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Leaf(2, 4), weight = Leaf(3, 4);
        Tensor y = LinearFunction.Apply(x, weight, null).sum();
        weight.grad = zeros(3, 4, ScalarType.Float64).to_sparse();
        var failure = Assert.Throws<InvalidOperationException>(() => BackwardPass.Run(y));
        Assert.NotNull(failure.InnerException);
        weight.grad = null;
        BackwardPass.Run(LinearFunction.Apply(x, weight, null).sum());
        Assert.NotNull(weight.grad);
    }

    private static Tensor Leaf(params long[] shape) => randn(shape, ScalarType.Float64).requires_grad_();

    private static void AssertSame(Tensor[] leaves, Func<Tensor[], Tensor> ours, Func<Tensor[], Tensor> theirs)
    {
        Tensor[] copies = [.. leaves.Select(leaf => leaf.detach().clone().requires_grad_())];
        for (int pass = 1; pass <= 2; pass++)
        {
            Tensor expected = theirs(copies);
            Tensor actual = ours(leaves);
            Assert.True(actual.allclose(expected, 1e-12, 1e-12), "values");
            Tensor direction = randn_like(expected);
            expected.backward([direction]);
            BackwardPass.Run(actual, direction);
            for (int i = 0; i < leaves.Length; i++)
            {
                Assert.True(leaves[i].grad!.allclose(copies[i].grad!, 1e-11, 1e-12), $"gradient {i}, pass {pass}");
            }
        }
    }
}
