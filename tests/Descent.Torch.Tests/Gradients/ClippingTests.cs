using Descent.Optimizers;
using Descent.Torch.Tests.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Gradients;

/// <summary>What is done to gradients between backward and the step, on parameters that kernels serve and on others.</summary>
public sealed class ClippingTests
{
    public static TheoryData<string> Rules => [.. OptimizerCatalog.KernelNames];

    public static TheoryData<ScalarType, bool> Layouts => new()
    {
        { ScalarType.Float32, false },
        { ScalarType.Float64, false },
        { ScalarType.Float64, true },
    };

    /// <summary>Every rule, whatever runs it: a step with factors and a bound equals a step with gradients that were scaled and bounded before.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_WithFactorsAndABound_EqualsGradientsClippedBefore(string rule)
    {
        Assert.Equal(Clipped(rule, strided: false, before: true), Clipped(rule, strided: false, before: false));
        Assert.InRange(Model.Distance(Clipped(rule, strided: true, before: true), Clipped(rule, strided: true, before: false)), 0, 1e-6);
    }

    [Fact]
    public void Step_AfterAStepWithFactors_HasNone()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(zeros(2));
        parameter.grad = ones(2);
        using FusedOptimizer fused = FusedOptimizer.Create([("w", parameter)], new SgdOptions { LearningRate = 1 });
        fused.Step(new StepRequest { Factors = new GradientFactors(new Dictionary<string, double> { ["w"] = 0.25 }) });
        fused.step();
        Assert.Equal([-1.25f, -1.25f], parameter.detach().data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void GradientNorms_AreThoseOfLibtorch(ScalarType type, bool strided)
    {
        using var scope = NewDisposeScope();
        using Model model = Build(type, strided);
        using FusedOptimizer fused = FusedOptimizer.Create(model.Named, new SgdOptions());
        model.SetGradients(1, which: static index => index != 1);
        GradientNorms norms = fused.GradientNorms();
        foreach ((string name, Parameter parameter) in model.Named)
        {
            double expected = parameter.grad is { } gradient ? gradient.norm().to(ScalarType.Float64).item<double>() : 0;
            Assert.Equal(expected, norms[name], 1e-6 * expected);
        }

        Assert.Equal(fused.GlobalGradientNorm().Norm, norms.Total.Norm);
        Assert.Equal(4, norms.Names.Count());
        Assert.Null(norms.Total.NonFinite);
    }

    [Fact]
    public void ClipEach_BringsEveryTensorOrBlockDown()
    {
        using var scope = NewDisposeScope();
        using var a = new Parameter(zeros(2)) { grad = tensor(new[] { 3f, 0 }) };
        using var b = new Parameter(zeros(2)) { grad = tensor(new[] { 0, 4f }) };
        using var c = new Parameter(zeros(1)) { grad = tensor(new[] { 0.5f }) };
        using FusedOptimizer fused = FusedOptimizer.Create([("one.a", a), ("one.b", b), ("two.c", c)], new SgdOptions { LearningRate = 1 });

        GradientFactors tensors = fused.GradientNorms().ClipEach(1, scale: 0.5);
        Assert.Equal([1 / 1.5, 1 / 2.0, 1], new[] { "one.a", "one.b", "two.c" }.Select(name => tensors[name]), (x, y) => Math.Abs(x - y) < 1e-6);
        Assert.Equal(2 / 3.0, tensors.Share);

        GradientFactors blocks = fused.GradientNorms().ClipEach(1, block: name => name.Split('.')[0]);
        Assert.Equal([0.2, 0.2, 1], new[] { "one.a", "one.b", "two.c" }.Select(name => blocks[name]), (x, y) => Math.Abs(x - y) < 1e-6);
        Assert.Equal(0.5, blocks.Share);

        fused.Step(new StepRequest { Factors = blocks });
        Assert.Equal([-0.6f, -0.8f, -0.5f], [a[0].item<float>(), b[1].item<float>(), c[0].item<float>()], (x, y) => Math.Abs(x - y) < 1e-6);
    }

    /// <summary>Equation 3 of Brock et al. through libtorch's operators, row by row.</summary>
    [Theory]
    [MemberData(nameof(Layouts))]
    public void ClipAdaptively_FollowsThePaper(ScalarType type, bool strided)
    {
        using var scope = NewDisposeScope();
        using Model model = Build(type, strided);
        using FusedOptimizer fused = FusedOptimizer.Create(model.Named, new SgdOptions());
        model.SetGradients(3);
        Tensor[] expected = [.. model.Named.Select((pair, index) => index == 3 ? pair.Parameter.grad!.clone() : Adaptive(pair.Parameter, 0.6, 0.5))];
        double before = fused.GlobalGradientNorm().Norm;

        AdaptiveClipReport report = fused.ClipAdaptively(ratio: 0.6, scale: 0.5, except: new HashSet<string> { "layer3.weight" });

        for (int index = 0; index < expected.Length; index++)
        {
            Assert.True(allclose(model.Named[index].Parameter.grad!, expected[index], rtol: 1e-6, atol: 1e-9), model.Named[index].Name);
        }

        Assert.Equal(before, report.Before.Norm, 1e-6 * before);
        Assert.Equal(fused.GlobalGradientNorm().Norm, report.Norm, 1e-6 * before);
        Assert.InRange(report.Share, 0.1, 0.9);
        Assert.Equal(7 + 1 + 1, report.Units);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ClipAdaptively_WithANonFiniteGradient_NamesIt(bool strided)
    {
        using var scope = NewDisposeScope();
        using Model model = Build(ScalarType.Float32, strided);
        using FusedOptimizer fused = FusedOptimizer.Create(model.Named, new SgdOptions());
        model.SetGradients(1);
        model.Named[1].Parameter.grad![2] = float.NaN;
        Assert.Equal("layer1.weight", fused.ClipAdaptively().Before.NonFinite);
        Assert.Equal("layer1.weight", fused.GradientNorms().Total.NonFinite);
    }

    /// <summary>The same numbers for every layout: element and name decide, not where a number lies.</summary>
    [Fact]
    public void AddGradientNoise_IsTheSameThroughOperators()
    {
        using var scope = NewDisposeScope();
        Tensor[] flat = Noisy(ScalarType.Float64, strided: false);
        Tensor[] strided = Noisy(ScalarType.Float64, strided: true);
        Tensor[] single = Noisy(ScalarType.Float32, strided: false);
        for (int index = 0; index < flat.Length; index++)
        {
            Assert.True(allclose(flat[index], strided[index], rtol: 0, atol: 0), $"{index}");
            Assert.True(allclose(flat[index], single[index].to(ScalarType.Float64), rtol: 1e-6, atol: 1e-6), $"{index}");
            Assert.False(allclose(flat[index], zeros_like(flat[index])) && flat[index].numel() > 0);
        }
    }

    private static Tensor[] Noisy(ScalarType type, bool strided)
    {
        using Model model = Build(type, strided);
        using FusedOptimizer fused = FusedOptimizer.Create(model.Named, new SgdOptions());
        model.SetGradients(1);
        fused.AddGradientNoise(name => new NoiseStream(0.5, NoiseStream.KeyOf(1, 2, name), ClipValue: 0.1));
        return [.. model.Gradients().Select(static gradient => gradient.contiguous().clone())];
    }

    private static double[][] Clipped(string rule, bool strided, bool before)
    {
        using var scope = NewDisposeScope();
        using Model model = Build(ScalarType.Float32, strided);
        using FusedOptimizer fused = FusedOptimizer.Create(model.Named, OptimizerCatalog.Create(rule));
        var factors = new GradientFactors(new Dictionary<string, double> { ["layer0.weight"] = 0.5 });
        using Scalar half = 0.5.ToScalar(), quarter = 0.25.ToScalar(), low = (-0.25).ToScalar(), high = 0.25.ToScalar();
        for (int step = 1; step <= 3; step++)
        {
            model.SetGradients(step);
            for (int index = 0; before && index < model.Named.Length; index++)
            {
                Parameter parameter = model.Named[index].Parameter;
                parameter.grad = parameter.grad!.mul(index == 0 ? quarter : half).clamp(low, high);
            }

            fused.Step(before ? new StepRequest() : new StepRequest { GradientScale = 0.5, ClipValue = 0.25, Factors = factors });
        }

        return model.Values();
    }

    private static Tensor Adaptive(Parameter parameter, double ratio, double scale)
    {
        using Scalar s = scale.ToScalar(), r = ratio.ToScalar(), epsilon = 1e-3.ToScalar();
        Tensor gradient = parameter.grad!;
        long units = parameter.shape.Count(static extent => extent > 1) < 2 ? 1 : parameter.shape[0];
        if (gradient.numel() == 0)
        {
            return gradient.clone();
        }

        Tensor norm = gradient.reshape(units, -1).norm(1, keepdim: true).mul(s);
        Tensor limit = parameter.detach().reshape(units, -1).norm(1, keepdim: true).clamp_min(epsilon).mul(r);
        return where(norm.gt(limit), limit.div(norm), ones_like(norm)).mul(gradient.reshape(units, -1)).reshape(gradient.shape);
    }

    private static Model Build(ScalarType type, bool strided) => new(type, strided ? static x => stack([x, x], -1).select(-1, 0) : null);
}
