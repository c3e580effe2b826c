using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>Which parameters kernels serve, and that the others end up the same through libtorch's operators.</summary>
public sealed class PathTests
{
    public static TheoryData<RuleOptions> Options =>
    [
        new SgdOptions { LearningRate = 0.05, WeightDecay = 0.1 },
        new MomentumOptions { LearningRate = 0.02, Nesterov = true },
        new EmaMomentumOptions { LearningRate = 0.02 },
        new AdagradOptions { LearningRate = 0.1, InitialAccumulator = 0.1 },
        new RmsPropOptions { LearningRate = 0.01, Centered = true, Momentum = 0.9 },
        new AdamOptions { LearningRate = 0.01, AmsGrad = true },
        new ArticleAdamOptions { LearningRate = 0.01 },
        new AdamWOptions { LearningRate = 0.01, Maximize = true },
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void NonContiguousParameters_TakeOperatorsWithTheSameResult(RuleOptions options)
    {
        static Tensor Strided(Tensor x) => stack([x, x], -1).select(-1, 0);
        double[][] served = Run(options, new Model(ScalarType.Float64), UpdatePath.Kernel);
        double[][] strided = Run(options, new Model(ScalarType.Float64, Strided), UpdatePath.Operators);
        Assert.InRange(Model.Distance(strided, served), 0, 1e-12);
    }

    [Fact]
    public void OtherStridesOfTheGradient_AreCopiedForTheKernel()
    {
        var options = new AdamWOptions { LearningRate = 0.01 };
        double[][] plain = Run(options, new Model(ScalarType.Float32), UpdatePath.Kernel);
        double[][] transposed = Run(
            options, new Model(ScalarType.Float32, null, g => g.dim() < 2 ? g : g.transpose(0, 1).contiguous().transpose(0, 1)), UpdatePath.Kernel);
        Assert.Equal(plain, transposed);
    }

    [Fact]
    public void SparseGradients_AreServed()
    {
        using var scope = NewDisposeScope();
        using var dense = new Parameter(ones(4, 2)) { grad = tensor(new float[,] { { 0, 0 }, { 1, 2 }, { 0, 0 }, { 3, 4 } }) };
        using var sparse = new Parameter(ones(4, 2));
        sparse.grad = torch.sparse_coo_tensor(tensor(new long[,] { { 1, 3 } }), tensor(new float[,] { { 1, 2 }, { 3, 4 } }), [4, 2]);
        using FusedOptimizer first = Fused.Adam([dense], lr: 0.1), second = Fused.Adam([sparse], lr: 0.1);
        first.step();
        second.step();
        Assert.Equal(dense.detach().data<float>().ToArray(), sparse.detach().data<float>().ToArray());
        Assert.Equal(5f, MathF.Round((float)second.GlobalGradientNorm().Norm * (float)second.GlobalGradientNorm().Norm / 6));
    }

    [Fact]
    public void HalfPrecision_TakesOperators_ComputedInFloat()
    {
        var options = new AdamWOptions { LearningRate = 0.01 };
        double[][] reference = Run(options, new Model(ScalarType.Float64), UpdatePath.Kernel);
        double[][] half = Run(options, new Model(ScalarType.Float16), UpdatePath.Operators, state: ScalarType.Float16);
        Assert.InRange(Model.Distance(half, reference), 1e-12, 2e-3);
    }

    // Rounded up or down by chance, each step by less than a unit of bfloat16, 2⁻⁷ of a value of about 1.
    [Fact]
    public void Bfloat16_TakesTheKernel_WithStatesInFloat()
    {
        var options = new AdamWOptions { LearningRate = 0.01 };
        double[][] reference = Run(options, new Model(ScalarType.Float64), UpdatePath.Kernel);
        double[][] bfloat16 = Run(options, new Model(ScalarType.BFloat16), UpdatePath.Kernel, state: ScalarType.Float32);
        Assert.InRange(Model.Distance(bfloat16, reference), 1e-12, 5e-2);
    }

    [Fact]
    public void MixedLayouts_InOneGroup_EachTakeTheirPath()
    {
        using var scope = NewDisposeScope();
        using var single = new Parameter(ones(3));
        using var wide = new Parameter(ones(3, dtype: ScalarType.Float64));
        using var strided = new Parameter(ones(3, 2).select(1, 0));
        using FusedOptimizer fused = Fused.SGD([("single", single), ("wide", wide), ("strided", strided)], 0.5);
        Assert.Equal(UpdatePath.None, fused.PathOf("single"));
        foreach (Parameter parameter in new[] { single, wide, strided })
        {
            parameter.grad = ones_like(parameter);
        }

        fused.step();

        Assert.Equal(UpdatePath.Kernel, fused.PathOf("single"));
        Assert.Equal(UpdatePath.Kernel, fused.PathOf("wide"));
        Assert.Equal(UpdatePath.Operators, fused.PathOf("strided"));
        Assert.Equal([0.5, 0.5, 0.5], new[] { single, wide, strided }.Select(p => p.detach().to(ScalarType.Float64)[0].item<double>()));
        Assert.Equal(1f, strided.detach().as_strided([1], [1], 1).item<float>()); // the neighbour between the strides
    }

    // A parameter whose memory is replaced between steps is found again, however it now lies.
    [Fact]
    public void ReplacedMemory_IsSeenAtTheNextStep()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(ones(4));
        using FusedOptimizer fused = Fused.SGD([("w", parameter)], 0.5);
        parameter.grad = ones(4);
        fused.step();
        using (no_grad())
        {
            parameter.set_(full(4, 2, 7f).select(1, 1));
        }

        fused.step();
        Assert.Equal(UpdatePath.Operators, fused.PathOf("w"));
        Assert.Equal([6.5f, 6.5f, 6.5f, 6.5f], parameter.detach().contiguous().data<float>().ToArray());
    }

    private static double[][] Run(RuleOptions options, Model model, UpdatePath path, ScalarType? state = null)
    {
        using (model)
        {
            using FusedOptimizer fused = FusedOptimizer.Create(model.Named, options);
            for (int step = 1; step <= 20; step++)
            {
                model.SetGradients(step);
                fused.Step(new StepRequest { GradientScale = 0.5, L1 = 0.01, L2 = 0.02, RateFactor = 1 - (0.01 * step) });
            }

            Assert.All(model.Named.Where(pair => pair.Parameter.numel() > 1), pair => Assert.Equal(path, fused.PathOf(pair.Name)));
            Assert.All(fused.States, entry => Assert.Equal(state ?? model.Named[0].Parameter.dtype, entry.Value.dtype));
            return model.Values();
        }
    }
}
