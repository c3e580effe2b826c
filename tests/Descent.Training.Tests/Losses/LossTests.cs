using Descent.Training.Losses;
using Descent.Training.Models;
using Descent.Training.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Losses;

public sealed class LossTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    public void CrossEntropy_AgreesWithLibtorchAndCountsTargets(double smoothing)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ours = randn(4, 5, ScalarType.Float64).requires_grad_();
        Tensor theirs = ours.detach().clone().requires_grad_();
        Tensor targets = tensor(new long[] { 1, 3, 9, 4 });
        LossValue value = new CrossEntropyOptions { LabelSmoothing = smoothing, IgnoreIndex = 9 }.Build().Compute(ours, targets);
        Tensor expected = nn.functional.cross_entropy(theirs, targets, ignore_index: 9, label_smoothing: smoothing);
        Assert.Equal(3, value.Count);
        Assert.Equal(expected.item<double>(), value.Mean, 1e-12);
        (value.Sum / value.Count).backward();
        expected.backward();
        Assert.True(ours.grad!.allclose(theirs.grad!, 1e-12, 1e-14));
    }

    [Fact]
    public void CrossEntropy_WithZLoss_IsTheSameFusedOrNot()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = randn(2, 3, 4, ScalarType.Float64), weight = randn(7, 4, ScalarType.Float64);
        Tensor targets = tensor(new long[] { 1, 3, -100, 4, 6, 0 }).view(2, 3);
        LossValue plain = new CrossEntropyOptions { ZLoss = 0.1 }.Build().Compute(nn.functional.linear(features, weight), targets);
        Tensor fused = LinearCrossEntropy.Sum(features, weight, targets, zLoss: 0.1);
        Assert.Equal(plain.Sum.item<double>(), fused.item<double>(), 1e-10);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(2.0)]
    public void Huber_EqualsItsFormula(double delta)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] differences = [-3, -0.5, 0, 0.4, 1.9, 7];
        Tensor outputs = tensor(differences).view(3, 2).requires_grad_();
        LossValue value = new HuberOptions { Delta = delta }.Build().Compute(outputs, zeros(3, 2, ScalarType.Float64));
        double expected = differences.Sum(d => Math.Abs(d) <= delta ? 0.5 * d * d : delta * (Math.Abs(d) - (0.5 * delta)));
        Assert.Equal(expected, value.Sum.item<double>(), 1e-12);
        Assert.Equal(6, value.Count);
        value.Sum.backward();
        Assert.Equal(differences.Select(d => Math.Clamp(d, -delta, delta)), outputs.grad!.view(-1).data<double>().ToArray());
    }

    [Fact]
    public void MeanSquaredError_EqualsItsFormula()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor outputs = tensor(new[] { 1.0, 2, 4 }).view(3, 1).requires_grad_();
        LossValue value = new MeanSquaredErrorOptions().Build().Compute(outputs, ones(3, 1, ScalarType.Float64));
        Assert.Equal(10.0 / 3, value.Mean, 1e-12);
        value.Sum.backward();
        Assert.Equal([0.0, 2, 6], outputs.grad!.view(-1).data<double>().ToArray());
    }

    [Fact]
    public void Sum_WeighsItsTermsAndReportsEach()
    {
        using DisposeScope scope = NewDisposeScope();
        LossOptions options = new SumOptions
        {
            Terms = [new MeanSquaredErrorOptions(), new HuberOptions { Name = "robust", Weight = 0.5, Delta = 1 }],
        };
        Tensor outputs = tensor(new[] { 0.5, 3.0 }).view(2, 1).requires_grad_();
        LossValue value = options.Build().Compute(outputs, zeros(2, 1, ScalarType.Float64));
        Assert.Equal(9.25 + (0.5 * (0.125 + 2.5)), value.Sum.item<double>(), 1e-12);
        Assert.Equal(["mean_squared_error", "robust"], value.Terms.Select(term => term.Name));
        Assert.Equal([1.0, 0.5], value.Terms.Select(term => term.Weight));
        Assert.Equal(2.625, value.Terms[1].Sum.item<double>(), 1e-12);
        value.Sum.backward();
        Assert.Equal([1.0 + 0.25, 6.0 + 0.5], outputs.grad!.view(-1).data<double>().ToArray());
    }

    [Fact]
    public void MicroBatches_WithIgnoredTargets_AddUpToTheWholeBatch()
    {
        using DisposeScope scope = NewDisposeScope();
        Loss loss = new CrossEntropyOptions().Build();
        Tensor logits = randn(6, 3, ScalarType.Float64);
        Tensor targets = tensor(new long[] { 0, -100, -100, 2, 1, 1 });
        LossValue whole = loss.Compute(logits, targets);
        LossValue[] parts = [.. Enumerable.Range(0, 3).Select(i => loss.Compute(logits.narrow(0, 2 * i, 2), targets.narrow(0, 2 * i, 2)))];
        Assert.Equal(whole.Mean, parts.Sum(part => part.Sum.item<double>()) / parts.Sum(part => part.Count), 1e-12);
    }

    [Fact]
    public void Targets_ThatDontFit_AreClearErrors()
    {
        using DisposeScope scope = NewDisposeScope();
        Loss classes = new CrossEntropyOptions().Build();
        Assert.Contains("class 3", Error(() => classes.Compute(randn(2, 3), tensor(new long[] { 0, 3 }))));
        Assert.Contains("class -1", Error(() => classes.Compute(randn(2, 3), tensor(new long[] { 0, -1 }))));
        Assert.Contains("int64", Error(() => classes.Compute(randn(2, 3), randn(2))));
        Assert.Contains("shape", Error(() => classes.Compute(randn(2, 3), zeros(4, ScalarType.Int64))));
        Loss numbers = new MeanSquaredErrorOptions().Build();
        Assert.Contains("cross_entropy", Error(() => numbers.Compute(randn(2, 3), zeros(2, 3, ScalarType.Int64))));
        Assert.Contains("shape", Error(() => numbers.Compute(randn(2, 3), randn(2))));
        using Model model = TestModels.Initialized(TestModels.TinyGpt, TestModels.Text());
        Tensor tokens = zeros(1, 3, ScalarType.Int64);
        Assert.Contains("class 17", Error(() => classes.Compute(model, tokens, tokens + 17)));
    }

    [Fact]
    public void Options_OutOfRange_AreClearErrors()
    {
        Assert.StartsWith("LabelSmoothing is 1", Assert.Throws<ArgumentOutOfRangeException>(() => new CrossEntropyOptions { LabelSmoothing = 1 }).Message);
        Assert.StartsWith("Delta is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new HuberOptions { Delta = 0 }).Message);
        Assert.StartsWith("Terms is empty", Assert.Throws<ArgumentException>(() => new SumOptions { Terms = [] }).Message);
        Assert.Contains("terms", Error(() => new SumOptions().Build()));
        Assert.Contains("'huber'", Error(() => new SumOptions { Terms = [new HuberOptions(), new HuberOptions()] }.Build()));
    }

    private static string Error(Action action) => Assert.Throws<BadInputException>(action).Message;
}
