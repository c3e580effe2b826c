using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Losses;

public sealed class LinearCrossEntropyTests
{
    private const long Ignore = -100;

    [Theory]
    [InlineData(0.0, 0.0, 1)]
    [InlineData(0.0, 0.0, 300)]
    [InlineData(0.1, 0.0, 300)]
    [InlineData(0.0, 0.01, 1000)]
    [InlineData(0.2, 0.01, 1 << 20)]
    [InlineData(0.0, 0.0, 1 << 20)]
    public void Sum_InFloat64_AgreesWithThePlainPath(double smoothing, double zLoss, long chunkBytes)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = tensor(new long[] { 0, 10, Ignore, 3, 3, 7, Ignore, 1, 2, 10 }).view(2, 5);
        Tensor[] ours = [randn(2, 5, 4, ScalarType.Float64).requires_grad_(), randn(11, 4, ScalarType.Float64).requires_grad_()];
        Tensor[] theirs = [.. ours.Select(leaf => leaf.detach().clone().requires_grad_())];
        for (int pass = 1; pass <= 2; pass++)
        {
            Tensor expected = Plain(theirs[0], theirs[1], targets, smoothing, zLoss);
            Tensor actual = LinearCrossEntropy.Sum(ours[0], ours[1], targets, smoothing, Ignore, zLoss, chunkBytes);
            Assert.Equal(expected.item<double>(), actual.item<double>(), 1e-10);
            (expected * 0.7).backward();
            BackwardPass.Run(actual * 0.7);
            for (int i = 0; i < 2; i++)
            {
                // The scale of a kept chunk passes through addmm's float α.
                Assert.True(ours[i].grad!.allclose(theirs[i].grad!, 1e-6, 1e-9), $"gradient {i}, pass {pass}");
            }
        }
    }

    [Theory]
    [InlineData(1 << 12)]
    [InlineData(1 << 26)]
    public void Sum_InFloat32_AgreesWithThePlainPathWithinRounding(long chunkBytes)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = randint(0, 999, [4, 33], ScalarType.Int64);
        Tensor[] ours = [randn(4, 33, 32).requires_grad_(), randn(999, 32).requires_grad_()];
        Tensor[] theirs = [.. ours.Select(leaf => leaf.detach().clone().requires_grad_())];
        Tensor expected = Plain(theirs[0], theirs[1], targets, 0.1, 0);
        Tensor actual = LinearCrossEntropy.Sum(ours[0], ours[1], targets, 0.1, Ignore, 0, chunkBytes);
        Assert.Equal(1, actual.item<float>() / expected.item<float>(), 1e-6f);
        expected.backward();
        BackwardPass.Run(actual);
        Assert.True(ours[0].grad!.allclose(theirs[0].grad!, 1e-4, 1e-5));
        Assert.True(ours[1].grad!.allclose(theirs[1].grad!, 1e-4, 1e-5));
    }

    [Fact]
    public void Sum_WithLargeLogits_StaysFinite()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = (randn(3, 4) * 1e4f).requires_grad_();
        Tensor sum = LinearCrossEntropy.Sum(features, randn(5, 4).requires_grad_(), tensor(new long[] { 0, 1, 2 }));
        BackwardPass.Run(sum);
        Assert.True(double.IsFinite(sum.item<float>()));
        Assert.True(features.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Sum_WithEveryTargetIgnored_IsZeroWithZeroGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = randn(3, 4).requires_grad_();
        Tensor sum = LinearCrossEntropy.Sum(features, randn(5, 4), full([3], Ignore, ScalarType.Int64));
        BackwardPass.Run(sum);
        Assert.Equal(0f, sum.item<float>());
        Assert.Equal(0f, features.grad!.abs().sum().item<float>());
    }

    [Fact]
    public void Sum_OfHalfPrecisionFeatures_SaysWhatToDo()
    {
        using DisposeScope scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() =>
            LinearCrossEntropy.Sum(randn(3, 4).bfloat16(), randn(5, 4), zeros([3], ScalarType.Int64)));
        Assert.Contains("Widen", error.Message);
    }

    private static Tensor Plain(Tensor features, Tensor weight, Tensor targets, double smoothing, double zLoss)
    {
        Tensor logits = nn.functional.linear(features, weight).view(-1, weight.shape[0]);
        Tensor flat = targets.view(-1);
        Tensor sum = nn.functional.cross_entropy(logits, flat, ignore_index: Ignore, reduction: nn.Reduction.Sum, label_smoothing: smoothing);
        return sum + (zLoss * logits.logsumexp(-1).square() * flat.ne(Ignore)).sum();
    }
}
