using Descent.Cli.Bench;
using Descent.Optimizers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>The rules against libtorch's own operators, over 100 steps.</summary>
public sealed class ParityTests
{
    public static TheoryData<OptimizerOptions> Options =>
    [
        new SgdOptions { LearningRate = 0.05 },
        new SgdOptions { LearningRate = 0.05, WeightDecay = 0.1 },
        new SgdOptions { LearningRate = 0.05, WeightDecay = 0.1, Maximize = true },
        new MomentumOptions { LearningRate = 0.02, Momentum = 0.9 },
        new MomentumOptions { LearningRate = 0.02, Momentum = 0.9, Dampening = 0.5, WeightDecay = 0.01 },
        new MomentumOptions { LearningRate = 0.02, Momentum = 0.9, Nesterov = true },
        new AdagradOptions { LearningRate = 0.1, LearningRateDecay = 0.01, WeightDecay = 0.01, InitialAccumulator = 0.1 },
        new AdamOptions { LearningRate = 0.01 },
        new AdamOptions { LearningRate = 0.01, WeightDecay = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6 },
        new AdamOptions { LearningRate = 0.01, AmsGrad = true },
        new AdamWOptions { LearningRate = 0.01 },
        new AdamWOptions { LearningRate = 0.01, WeightDecay = 0.1, AmsGrad = true },
        new AdamWOptions { LearningRate = 0.01, Maximize = true },
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void Step_InFloat_AgreesWithLibtorchsOperator(OptimizerOptions options) =>
        Assert.InRange(DistanceAfter100(options, ScalarType.Float32), 0, 1e-6);

    [Theory]
    [MemberData(nameof(Options))]
    public void Step_InDouble_AgreesWithLibtorchsOperator(OptimizerOptions options) =>
        Assert.InRange(DistanceAfter100(options, ScalarType.Float64), 0, 1e-12);

    // libtorch has no fused RMSprop: TorchSharp's own, which is PyTorch's formula.
    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(false, 0.9)]
    [InlineData(true, 0.0)]
    [InlineData(true, 0.9)]
    public void RMSProp_AgreesWithTorchSharps(bool centered, double momentum)
    {
        using var ours = new Model(ScalarType.Float64);
        using var theirs = new Model(ScalarType.Float64);
        using var fused = Fused.RMSProp(ours.Named, 0.01, 0.95, 1e-6, 0.01, momentum, centered);
        using var torchs = optim.RMSProp(theirs.Named, 0.01, 0.95, 1e-6, 0.01, momentum, centered);
        for (int step = 1; step <= 100; step++)
        {
            ours.SetGradients(step);
            theirs.SetGradients(step);
            fused.step();
            torchs.step();
        }

        Assert.InRange(Model.Distance(ours.Values(), theirs.Values()), 0, 1e-12);
    }

    private static double DistanceAfter100(OptimizerOptions options, ScalarType dtype)
    {
        using var ours = new Model(dtype);
        using var theirs = new Model(dtype);
        using FusedOptimizer fused = FusedOptimizer.Create(ours.Named, options);
        using LibTorchOptimizer libtorch = LibTorchOptimizer.TryCreate(options, theirs.Tensors)!;
        double[][] start = ours.Values();
        for (int step = 1; step <= 100; step++)
        {
            using var scope = NewDisposeScope();
            ours.SetGradients(step);
            theirs.SetGradients(step);
            fused.step();
            libtorch.Step(theirs.Gradients());
        }

        Assert.All(ours.Named, pair => Assert.Equal(UpdatePath.Kernel, fused.PathOf(pair.Name)));
        Assert.True(Model.Distance(start, ours.Values()) > 0.01, "the parameters hardly moved");
        return Model.Distance(ours.Values(), theirs.Values());
    }
}
