using Descent.Cli.Bench;
using Descent.Cli.Tests.Commands;
using Descent.Optimizers;
using Descent.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Cli.Tests.Bench;

public sealed class CardBenchTests
{
    [Fact]
    public async Task BenchOnACard_WithoutOne_SaysInOneLineWhatIsMissing()
    {
        Assert.SkipWhen(Gpu.GpuKernels.Missing() is null, "a card is at hand");
        (int code, string output, string error) = await DescentProcess.RunAsync("bench", "step", "--device", "cuda");
        Assert.Equal("", output);
        Assert.Matches(@"^descent: bench step --device cuda needs an NVIDIA card: .*(driver|libtorch).*\.\n$", error);
        Assert.Equal(ExitCode.BadInput, code);
    }

    [Fact]
    public async Task AnUnknownDevice_IsAMistake()
    {
        (int code, _, string error) = await DescentProcess.RunAsync("bench", "step", "--device", "tpu");
        Assert.Contains("tpu", error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, code);
    }

    // On the processor, where there is no card: the same cases over the same tensors.
    [Fact]
    public void EveryCase_IsMeasured()
    {
        using var bench = new CardBench(CPU, [100, 33], new AdamWOptions { LearningRate = 1e-6 });
        CardComparison comparison = bench.Measure(rounds: 2, repeats: 2);
        StepTiming[] all = [comparison.Copy, comparison.Fused, comparison.Operators, comparison.LibTorchFused, comparison.LibTorchForeach];
        Assert.All(all, static timing => Assert.True(timing.Milliseconds > 0 && timing.GigabytesPerSecond > 0));
        Assert.Equal(5, all.Select(static timing => timing.Name).Distinct().Count());
        Assert.Equal(comparison.Fused.GigabytesPerSecond / comparison.Copy.GigabytesPerSecond, comparison.OfCopy);
    }

    [Theory]
    [InlineData(100, 80, 1.0, 1.0, false)]
    [InlineData(100, 95, 1.0, 1.1, true)]
    [InlineData(100, 95, 1.2, 1.1, false)]
    public void TheAim_IsTheCopysRateAndLibtorchsTime(double copyRate, double fusedRate, double fusedTime, double libTorchTime, bool reached)
    {
        var other = new StepTiming("other", libTorchTime, libTorchTime, fusedRate);
        var comparison = new CardComparison(new StepTiming("copy", 1, 1, copyRate), new StepTiming("fused", fusedTime, fusedTime, fusedRate), other, other, other);
        Assert.Equal(reached, comparison.Reached);
    }

    /// <summary>The peer must do the work that it is compared on.</summary>
    [Fact]
    public void ForeachAdamW_IsAdamW()
    {
        using var scope = NewDisposeScope();
        var options = new AdamWOptions { LearningRate = 0.01, WeightDecay = 0.1 };
        using var ours = new Parameter(linspace(-1, 1, 9));
        Tensor[] theirs = [linspace(-1, 1, 9)];
        Tensor[] gradients = [linspace(2, -3, 9)];
        using FusedOptimizer fused = FusedOptimizer.Create([("w", ours)], options);
        using var peer = new ForeachAdamW(options, theirs, step: 1);
        ours.grad = gradients[0];
        fused.step();
        peer.Step(gradients);

        // Both round every operation to float, in another order: a few units in the last place of 1.
        Assert.True(theirs[0].allclose(ours.detach(), rtol: 1e-6, atol: 5e-7));
        Assert.False(theirs[0].allclose(linspace(-1, 1, 9)));
    }
}
