using Descent.Training.Data;
using Descent.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Losses;

public sealed class MetricsTests
{
    [Fact]
    public void Accuracy_CountsOnlyTargetsThatArentIgnored()
    {
        using DisposeScope scope = NewDisposeScope();
        var metrics = new Metrics(TaskKind.Classification);
        metrics.Add(eye(3), tensor(new long[] { 0, 1, -100 }));
        metrics.Add(eye(3), tensor(new long[] { 1, 1, 2 }));
        Assert.Equal(0.8, metrics.Result()["accuracy"], 1e-12);
        Assert.Empty(new Metrics(TaskKind.Classification).Result());
    }

    [Fact]
    public void Regression_OverBatches_EqualsTheWhole()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = (randn(10, 2, ScalarType.Float64) * 3) + 1e6;
        Tensor outputs = targets + randn(10, 2, ScalarType.Float64);
        var metrics = new Metrics(TaskKind.Regression);
        metrics.Add(outputs.narrow(0, 0, 3), targets.narrow(0, 0, 3));
        metrics.Add(outputs.narrow(0, 3, 7), targets.narrow(0, 3, 7));
        Tensor unexplained = (outputs - targets).square().sum([0]) / (targets - targets.mean([0])).square().sum([0]);
        Assert.Equal((outputs - targets).abs().mean().item<double>(), metrics.Result()["mean_absolute_error"], 1e-9);
        Assert.Equal(1 - unexplained.mean().item<double>(), metrics.Result()["r2"], 1e-6);
    }

    [Fact]
    public void R2_OfConstantTargets_IsLeftOut()
    {
        using DisposeScope scope = NewDisposeScope();
        var metrics = new Metrics(TaskKind.Regression);
        metrics.Add(zeros(3, 1), ones(3, 1));
        Assert.Equal(["mean_absolute_error"], metrics.Result().Keys);
    }
}
