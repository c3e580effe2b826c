using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>Saving, loading, moving and freeing state.</summary>
public sealed class StateTests
{
    [Fact]
    public void States_AreNamedAsPyTorchsAndKeyedByParameter()
    {
        using var model = new Model();
        using FusedOptimizer fused = Fused.AdamW(model.Named, amsgrad: true);
        Assert.Empty(fused.States);
        model.SetGradients(1, index => index < 2);
        fused.step();
        Assert.Equal(
            ["layer0.weight/exp_avg", "layer0.weight/exp_avg_sq", "layer0.weight/max_exp_avg_sq",
             "layer1.weight/exp_avg", "layer1.weight/exp_avg_sq", "layer1.weight/max_exp_avg_sq"],
            fused.States.Select(entry => $"{entry.Parameter}/{entry.State}"));
    }

    [Theory]
    [InlineData("set")]
    [InlineData("file")]
    [InlineData("dictionary")]
    [InlineData("save")]
    public void Resume_EqualsUninterruptedBitForBit(string how)
    {
        using var straight = new Model();
        using FusedOptimizer whole = Fused.Adam(straight.Named, lr: 0.05);
        Steps(straight, whole, 1, 10);

        using var half = new Model();
        using FusedOptimizer before = Fused.Adam(half.Named, lr: 0.05);
        Steps(half, before, 1, 5);
        using FusedOptimizer after = Fused.Adam(half.Named, lr: 0.01);
        switch (how)
        {
            case "set":
                ((optim.ILearningRateController)after.ParamGroups.Single()).LearningRate = 0.05;
                foreach (string name in before.Names)
                {
                    after.SetStep(name, before.StepOf(name));
                }

                foreach (var (name, state, value) in before.States)
                {
                    after.SetState(name, state, value);
                }

                break;
            case "file":
                string file = Path.GetTempFileName();
                before.save_state_dict(file);
                after.load_state_dict(file);
                File.Delete(file);
                break;
            case "save":
                string saved = Path.GetTempFileName();
                before.Save(saved);
                Assert.Contains("LearningRate = 0.05", Assert.Single(after.Load(saved)), StringComparison.Ordinal);
                ((optim.ILearningRateController)after.ParamGroups.Single()).LearningRate = 0.05;
                Assert.Empty(after.Load(saved));
                File.Delete(saved);
                break;
            default:
                after.load_state_dict(before.state_dict());
                break;
        }

        before.Dispose(); // what was loaded is a copy
        Steps(half, after, 6, 10);
        Assert.Equal(straight.Values(), half.Values());
    }

    [Fact]
    public void SetState_OfAnotherNameOrShape_Refuses()
    {
        using var scope = NewDisposeScope();
        using var model = new Model();
        using FusedOptimizer fused = Fused.Adam(model.Named);
        Assert.Contains("exp_avg, exp_avg_sq", Assert.Throws<ArgumentException>(
            () => fused.SetState("layer0.weight", "momentum_buffer", ones(7, 5))).Message, StringComparison.Ordinal);
        Assert.Contains("[5, 7]", Assert.Throws<ArgumentException>(
            () => fused.SetState("layer0.weight", "exp_avg", ones(5, 7))).Message, StringComparison.Ordinal);
        Assert.Contains("'layer9'", Assert.Throws<KeyNotFoundException>(() => fused.StepOf("layer9")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rebind_GoesOnWithReplacedParameters()
    {
        using var straight = new Model();
        using FusedOptimizer whole = Fused.Adam(straight.Named, lr: 0.05);
        Steps(straight, whole, 1, 10);

        using var model = new Model();
        using FusedOptimizer fused = Fused.Adam(model.Named, lr: 0.05);
        Steps(model, fused, 1, 5);
        for (int i = 0; i < model.Named.Length; i++)
        {
            var (name, old) = model.Named[i];
            model.Named[i] = (name, new Parameter(old.detach().clone()));
            old.Dispose();
        }

        fused.Rebind(model.Named);
        Steps(model, fused, 6, 10);
        Assert.Equal(straight.Values(), model.Values());
        Assert.Equal(5, fused.state_dict().State.Count);
    }

    [Fact]
    public void Groups_HaveRulesRatesAndPenaltiesOfTheirOwn()
    {
        using var scope = NewDisposeScope();
        using var weight = new Parameter(ones(2)) { grad = zeros(2) };
        using var bias = new Parameter(ones(2)) { grad = zeros(2) };
        using FusedOptimizer fused = FusedOptimizer.Create(
        [
            new FusedGroup([("weight", weight)], new SgdOptions { LearningRate = 0.1, WeightDecay = 1 }),
            new FusedGroup([("bias", bias)], new SgdOptions { LearningRate = 0.1 }) { Exempt = new HashSet<string> { "bias" } },
        ]);
        fused.Step(new StepRequest { L1 = 2, L2 = 3, RateFactor = 0.5 });
        Assert.Equal(1 - (0.05 * (1 + 2 + 3)), weight.detach()[0].item<float>(), 1e-6);
        Assert.Equal(1f, bias.detach()[0].item<float>());
    }

    [Fact]
    public void GlobalGradientNorm_ClipsAsTorchDoes()
    {
        using var scope = NewDisposeScope();
        using var model = new Model();
        using FusedOptimizer fused = Fused.SGD(model.Named, 1);
        model.SetGradients(1);
        GradientReport report = fused.GlobalGradientNorm();
        double[][] before = model.Values();
        fused.Step(new StepRequest { GradientScale = report.ClipFactor(0.5) });
        double[][] clipped = model.Values();

        using var other = new Model();
        other.SetGradients(1);
        double norm = nn.utils.clip_grad_norm_(other.Named.Select(pair => pair.Parameter), 0.5);
        optim.SGD(other.Named, 1).step();

        Assert.Equal(norm, report.Norm, 1e-4);
        Assert.Null(report.NonFinite);
        Assert.InRange(Model.Distance(clipped, other.Values()), 0, 1e-6);
        Assert.True(Model.Distance(before, clipped) > 0);
    }

    [Theory]
    [InlineData(ScalarType.Float32, double.NaN)]
    [InlineData(ScalarType.Float64, double.PositiveInfinity)]
    [InlineData(ScalarType.BFloat16, double.NegativeInfinity)]
    public void GlobalGradientNorm_NamesTheNonFiniteParameter(ScalarType dtype, double bad)
    {
        using var scope = NewDisposeScope();
        using var model = new Model(dtype);
        using FusedOptimizer fused = Fused.SGD(model.Named, 1);
        model.SetGradients(1);
        Assert.Null(fused.GlobalGradientNorm().NonFinite);
        model.Named[3].Parameter.grad![5, 1] = tensor(bad, dtype);
        GradientReport report = fused.GlobalGradientNorm();
        Assert.Equal("layer3.weight", report.NonFinite);
        Assert.False(double.IsFinite(report.Norm));
    }

    // Wrappers, scopes and finalizers at their worst: state made inside a scope that ends, a collection at every step.
    [Fact]
    public void Steps_UnderGarbageCollectionInsideScopes_KeepTheirState()
    {
        using var calm = new Model();
        using FusedOptimizer undisturbed = Fused.AdamW(calm.Named, lr: 0.05);
        Steps(calm, undisturbed, 1, 30);

        using var model = new Model();
        using FusedOptimizer fused = Fused.AdamW(model.Named, lr: 0.05);
        bool stop = false;
        var pressure = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                _ = new byte[100_000];
                GC.Collect();
            }
        });
        pressure.Start();
        for (int step = 1; step <= 30; step++)
        {
            using var scope = NewDisposeScope();
            Steps(model, fused, step, step);
        }

        Volatile.Write(ref stop, true);
        pressure.Join();
        Assert.Equal(calm.Values(), model.Values());
    }

    [Fact]
    public void Step_AfterWarmUp_AllocatesNothingAndLeavesNoTensors()
    {
        using var model = new Model();
        using FusedOptimizer fused = Fused.AdamW(model.Named, lr: 0.01);
        model.SetGradients(1);
        for (int i = 0; i < 50; i++)
        {
            fused.Step(new StepRequest { GradientScale = fused.GlobalGradientNorm().ClipFactor(1) });
        }

        long tensors = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            fused.Step(new StepRequest { GradientScale = fused.GlobalGradientNorm().ClipFactor(1) });
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(tensors, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static void Steps(Model model, FusedOptimizer optimizer, int first, int last)
    {
        for (int step = first; step <= last; step++)
        {
            model.SetGradients(step);
            optimizer.step();
        }
    }
}
