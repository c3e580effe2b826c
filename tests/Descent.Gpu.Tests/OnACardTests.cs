using Descent.Optimizers;
using Descent.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Gpu.Tests;

/// <summary>The whole way on a real card, where there is one: TorchSharp's CUDA tensors, libtorch's context and stream, NVIDIA's assembler and arithmetic.</summary>
public sealed class OnACardTests : IDisposable
{
    public OnACardTests()
    {
        string? missing = GpuKernels.Missing();
        Assert.SkipWhen(missing is not null, $"no card: {missing}");
        GpuKernels.Register();
    }

    public void Dispose() => GpuKernels.Unregister();

    [Fact]
    public void EveryRule_TrainsAsOnTheProcessor() =>
        Assert.All(FusedOptimizerTests.Served, static rule =>
        {
            // Without clipping by norms: libtorch sums them on a card, in another order.
            RuleOptions options = OptimizerCatalog.Create(rule);
            Assert.Equal(
                FusedOptimizerTests.Train(options, UpdatePath.Kernel, clipNorms: false),
                FusedOptimizerTests.Train(options, UpdatePath.DeviceKernel, CUDA, clipNorms: false));
        });

    /// <summary>A step reads the gradients that backward is still computing, and the next forward its parameters: all on one stream, nothing waits.</summary>
    [Fact]
    public void StepsAndBackward_KeepTheirOrder()
    {
        float[] kernels = TrainNetwork();
        GpuKernels.Unregister();
        float[] operators = TrainNetwork();
        Assert.Equal(operators.Length, kernels.Length);

        // Twenty steps of rate 1e-3 move a weight by up to 0.02. The paths round differently, which Adam may turn into whole steps where a gradient is next to nothing.
        Assert.InRange(kernels.Zip(operators).Average(static pair => Math.Abs(pair.First - pair.Second)), 0, 1e-4);
    }

    /// <summary>A step with gradients that libtorch's fused operator sees too, on the same card.</summary>
    [Fact]
    public void AdamW_AgreesWithLibtorchsFusedOperator()
    {
        using var scope = NewDisposeScope();
        var options = new AdamWOptions { LearningRate = 0.01, WeightDecay = 0.1 };
        using var ours = new Parameter(randn(1000, 33, device: CUDA));
        Tensor theirs = ours.detach().clone(), mean = zeros_like(theirs), square = zeros_like(theirs), step = zeros(1, device: CUDA);
        using FusedOptimizer fused = FusedOptimizer.Create([("w", ours)], options);
        using jit.CompilationUnit script = jit.compile("""
            def step(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], x: List[Tensor], t: List[Tensor]):
                torch._foreach_add_(t, 1)
                torch._fused_adamw_(p, g, m, v, x, t, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.1, amsgrad=False, maximize=False)
                return t[0]

            """);
        for (int round = 0; round < 10; round++)
        {
            Tensor gradient = randn(1000, 33, device: CUDA);
            ours.grad = gradient;
            fused.step();
            _ = script.invoke("step", (Tensor[])[theirs], (Tensor[])[gradient], (Tensor[])[mean], (Tensor[])[square], Array.Empty<Tensor>(), (Tensor[])[step]);
        }

        Assert.Equal(UpdatePath.DeviceKernel, fused.PathOf("w"));
        Assert.True(theirs.allclose(ours.detach(), rtol: 1e-5, atol: 1e-6));
    }

    private static float[] TrainNetwork()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var network = nn.Sequential(nn.Linear(512, 2048), nn.GELU(), nn.Linear(2048, 512));
        network.to(CUDA);
        Tensor input = randn(4096, 512).cuda(), target = randn(4096, 512).cuda();
        using FusedOptimizer fused = FusedOptimizer.Create(network.named_parameters(), new AdamWOptions { LearningRate = 1e-3 });
        for (int step = 0; step < 20; step++)
        {
            using var inner = NewDisposeScope();
            fused.zero_grad();
            nn.functional.mse_loss(network.forward(input), target).backward();
            fused.step();
        }

        return [.. network.parameters().SelectMany(static parameter => parameter.detach().cpu().data<float>().ToArray())];
    }
}
