using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Matrix;

public sealed class TensorProviderTests
{
    [Fact]
    public void RandomMatrices_AreKeptWhileTheyAreUsed_AndTheSameWhenDrawnAgain()
    {
        var provider = new TensorProvider();
        using Tensor like = zeros(1, ScalarType.Float32);
        (long first, float[] numbers) = Draw([7, 8]);
        provider.ForgetUnused();
        (long second, float[] again) = Draw([7, 8]); // the first one's dispose scope is gone
        Assert.Equal(first, second);
        Assert.Equal(numbers, again);
        Assert.NotEqual(numbers, Draw([7, 9]).Numbers);

        provider.ForgetUnused();
        Draw([7, 9]);
        provider.ForgetUnused();
        Assert.Equal(1, provider.Kept); // nobody asked for 7 and 8
        Assert.Equal(numbers, Draw([7, 8]).Numbers);

        (long Address, float[] Numbers) Draw(ulong[] keys)
        {
            using var scope = NewDisposeScope();
            Tensor drawn = provider.Gaussian(keys, 3, 5, 0.5, like);
            return (Address(drawn), drawn.data<float>().ToArray());
        }
    }

    [Fact]
    public void RandomMatrices_OfOtherShapesAndTypes_AreOthers()
    {
        using var scope = NewDisposeScope();
        var provider = new TensorProvider();
        Tensor single = zeros(1, ScalarType.Float32), exact = zeros(1, ScalarType.Float64);
        Assert.Equal([1, 3, 5], provider.Gaussian([7], 3, 5, 1, single).shape);
        Assert.Equal([1, 5, 3], provider.Gaussian([7], 5, 3, 1, single).shape);
        Assert.Equal(ScalarType.Float64, provider.Gaussian([7], 3, 5, 1, exact).dtype);
        Tensor doubled = provider.Gaussian([7], 3, 5, 2, exact), plain = provider.Gaussian([7], 3, 5, 1, exact);
        Assert.True(doubled.allclose(plain.mul(2), rtol: 1e-15, atol: 0));
        Assert.Equal(4, provider.Kept);
    }

    private static unsafe long Address(Tensor tensor)
    {
        Assert.True(TensorProvider.TryRead(tensor, out FlatTensor flat));
        return (long)flat.Data;
    }
}
