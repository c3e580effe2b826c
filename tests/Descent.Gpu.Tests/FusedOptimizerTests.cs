using Descent.Gpu.Tests.Fakes;
using Descent.Optimizers;
using Descent.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Gpu.Tests;

/// <summary>
/// A fused optimizer over TorchSharp's parameters with device kernels registered. The device here is the processor itself, its driver a fake one, so that all
/// of the way is walked but the hardware.
/// </summary>
public sealed class FusedOptimizerTests : IDisposable
{
    private readonly FakeCudaDriver _driver = new();

    public static TheoryData<string> Rules => [.. Served];

    internal static IEnumerable<string> Served => OptimizerCatalog.KernelNames.Where(static name => StepForms.ReasonAgainst(name) is null);

    public void Dispose() => DeviceKernels.Current = null;

    [Theory]
    [MemberData(nameof(Rules))]
    public void EveryRule_TrainsAsOnTheProcessor(string rule)
    {
        RuleOptions options = OptimizerCatalog.Create(rule);
        float[][] expected = Train(options, UpdatePath.Kernel);
        Register();
        Assert.Equal(expected, Train(options, UpdatePath.DeviceKernel));
    }

    [Fact]
    public void WhatDeviceKernelsDontServe_TakesItsOtherPath()
    {
        Register();
        using var scope = NewDisposeScope();
        using var single = new Parameter(ones(3));
        using var wide = new Parameter(ones(3, dtype: ScalarType.Float64));
        using var strided = new Parameter(ones(3, 2).select(1, 0));
        using FusedOptimizer fused = FusedOptimizer.Create(
            [("single", single), ("wide", wide), ("strided", strided)], new SgdOptions { LearningRate = 0.5 });
        foreach (Parameter parameter in new[] { single, wide, strided })
        {
            parameter.grad = ones_like(parameter);
        }

        fused.step();

        Assert.Equal([UpdatePath.DeviceKernel, UpdatePath.Kernel, UpdatePath.Operators], new[] { "single", "wide", "strided" }.Select(fused.PathOf));
        Assert.Equal([0.5, 0.5, 0.5], new[] { single, wide, strided }.Select(p => p.detach().to(ScalarType.Float64)[0].item<double>()));
    }

    [Fact]
    public void ARuleWithReferences_IsLeftToTheOtherPaths()
    {
        Register();
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(ones(3)) { grad = ones(3) };
        using FusedOptimizer fused = FusedOptimizer.Create([("w", parameter)], new ReferringOptions());
        fused.step();
        Assert.Equal(UpdatePath.Kernel, fused.PathOf("w"));
        Assert.Empty(_driver.Launches);
    }

    [Fact]
    public void StridedGradients_AreCopied_AndLaterParametersHaveTheirOwnStep()
    {
        Register();
        using var scope = NewDisposeScope();
        using var early = new Parameter(ones(2, 3));
        using var late = new Parameter(ones(2, 3));
        using FusedOptimizer fused = FusedOptimizer.Create([("early", early), ("late", late)], new AdamWOptions { LearningRate = 0.1 });
        early.grad = tensor(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }).transpose(0, 1);
        fused.step();
        late.grad = early.grad;
        fused.step();
        Assert.Equal(UpdatePath.DeviceKernel, fused.PathOf("early"));
        Assert.Equal((2, 1), (fused.StepOf("early"), fused.StepOf("late")));
        Assert.Equal(3, _driver.Launches.Count); // a batch for each step number
        Assert.All(late.detach().contiguous().data<float>().ToArray(), static value => Assert.InRange(value, 0.89f, 0.91f)); // Adam's first step is its rate
    }

    [Fact]
    public void SettingsThatChange_TakeEffect()
    {
        Register();
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(ones(3)) { grad = ones(3) };
        using FusedOptimizer fused = FusedOptimizer.Create([("w", parameter)], new SgdOptions { LearningRate = 0.5 });
        fused.Step(new StepRequest { RateFactor = 0.5 });
        fused.Step(new StepRequest { GradientScale = 2, L2 = 1 });
        Assert.Equal([0.75f - (0.5f * 2.75f)], parameter.detach().data<float>().ToArray().Distinct());
        Assert.Equal(2, _driver.Calls.Count(static call => call == nameof(ICudaDriver.ModuleLoadData))); // another prologue
    }

    private void Register() => DeviceKernels.Current = new RuleKernels(DeviceType.CPU, new CudaLauncher(_driver, static _ => 0));

    /// <summary>Five steps of five parameters, with all that a step can be told.</summary>
    internal static float[][] Train(RuleOptions options, UpdatePath path, torch.Device? device = null, bool clipNorms = true)
    {
        using var scope = NewDisposeScope();
        (string Name, Parameter Value)[] parameters =
        [
            .. ((long[][])[[7, 5], [13], [1], [64, 3], [0, 4]]).Select((shape, index) =>
            {
                var parameter = new Parameter(Wave(shape, index).to(device ?? CPU));
                return ($"layer{index}", parameter);
            }),
        ];
        using FusedOptimizer fused = FusedOptimizer.Create(
            [new FusedGroup(parameters.Select(static pair => (pair.Name, pair.Value)), options) { Exempt = new HashSet<string> { "layer1" } }]);
        for (int step = 1; step <= 5; step++)
        {
            foreach (var (_, parameter) in parameters)
            {
                parameter.grad = Wave(parameter.shape, step).to(device ?? CPU);
            }

            GradientFactors? factors = clipNorms ? fused.GradientNorms().ClipEach(1) : null;
            fused.Step(new StepRequest { GradientScale = 0.5, L1 = 0.01, Factors = factors });
        }

        Assert.All(parameters, pair => Assert.Equal(path, fused.PathOf(pair.Name)));
        return [.. parameters.Select(static pair => pair.Value.numel() == 0 ? [] : pair.Value.detach().cpu().data<float>().ToArray())];
    }

    private static Tensor Wave(long[] shape, int phase)
    {
        float[] values = new float[shape.Aggregate(1L, static (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = MathF.Sin((0.7f * i) + phase);
        }

        return tensor(values, shape);
    }
}
