using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>Rules that sum over tensors or groups, on parameters of any layout and type.</summary>
public sealed class ReductionTests
{
    public static TheoryData<RuleOptions> Options =>
    [
        new LarsOptions { LearningRate = 5, WeightDecay = 0.1 },
        new LambOptions { LearningRate = 0.01 },
        new AdafactorOptions { WeightDecay = 0.1 },
        new AdamMiniOptions { LearningRate = 0.01, WeightDecay = 0.1 },
        new ProdigyOptions { InitialDistance = 1e-3 },
        new AdaLomoOptions { LearningRate = 0.01 },
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void NonContiguousParameters_TakeACopyWithTheSameBits(RuleOptions options)
    {
        static Tensor Strided(Tensor x) => stack([x, x], -1).select(-1, 0);
        double[][] served = Run(options, new Model(ScalarType.Float32), UpdatePath.Kernel);
        double[][] strided = Run(options, new Model(ScalarType.Float32, Strided), UpdatePath.Copy);
        Assert.Equal(served, strided);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void BFloat16_TakesACopy_ComputedInFloat(RuleOptions options)
    {
        double[][] reference = Run(options, new Model(ScalarType.Float64), UpdatePath.Kernel);
        double[][] half = Run(options, new Model(ScalarType.BFloat16), UpdatePath.Copy);

        // Values near 1 are rounded to 8 bits in each of 20 steps, and so are the states.
        Assert.InRange(Model.Distance(half, reference), 1e-12, 5e-2);
    }

    [Fact]
    public void OtherStridesOfTheGradient_AreServed()
    {
        var options = new LambOptions { LearningRate = 0.01 };
        double[][] plain = Run(options, new Model(ScalarType.Float32), UpdatePath.Kernel);
        using var model = new Model(ScalarType.Float32, null, g => g.dim() < 2 ? g : g.transpose(0, 1).contiguous().transpose(0, 1));
        Assert.Equal(plain, Run(options, model, null));
    }

    /// <summary>A group's sums go over all its parameters, float and double alike: everything is then computed in double.</summary>
    [Fact]
    public void MixedTypes_UnderAGroupWideRule_ShareOneEstimate()
    {
        using var scope = NewDisposeScope();
        var options = new ProdigyOptions { InitialDistance = 1e-3 };
        using var single = new Parameter(full(3, 0.5f));
        using var wide = new Parameter(full(4, 0.5, dtype: ScalarType.Float64));
        using var all = new Parameter(full(7, 0.5, dtype: ScalarType.Float64));
        using FusedOptimizer mixed = FusedOptimizer.Create([("single", single), ("wide", wide)], options);
        using FusedOptimizer together = FusedOptimizer.Create([("all", all)], options);
        for (int step = 0; step < 10; step++)
        {
            foreach (Parameter parameter in new[] { single, wide, all })
            {
                parameter.grad = full_like(parameter, 0.25);
            }

            mixed.step();
            together.step();
        }

        Assert.Equal(UpdatePath.Copy, mixed.PathOf("single"));
        Assert.Equal(UpdatePath.Kernel, mixed.PathOf("wide"));
        Assert.Equal(1, mixed.SharedStates.First().Value / together.SharedStates.First().Value, 1e-5); // single's states are rounded to float
        Assert.Equal(1, wide[0].item<double>() / all[0].item<double>(), 1e-5);
        Assert.Equal(1, single[0].item<float>() / all[0].item<double>(), 1e-5);
    }

    /// <summary>PyTorch's Adafactor, operator by operator, in float64.</summary>
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public void Adafactor_IsPyTorchs(double decay)
    {
        const double rate = 0.05;
        var options = new AdafactorOptions { LearningRate = rate, WeightDecay = decay };
        using var ours = new Model(ScalarType.Float64);
        using var theirs = new Model(ScalarType.Float64);
        using FusedOptimizer fused = FusedOptimizer.Create(ours.Named, options);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var states = theirs.Tensors.Select(p => p.dim() > 1
            ? new[] { zeros([.. p.shape[..^1], 1], p.dtype), zeros([.. p.shape[..^2], 1, p.shape[^1]], p.dtype) }
            : [zeros_like(p)]).ToArray();
        double epsilon = finfo(ScalarType.Float64).eps;
        for (int step = 1; step <= 50; step++)
        {
            ours.SetGradients(step);
            theirs.SetGradients(step);
            fused.step();
            foreach ((Parameter p, Tensor[] state) in theirs.Named.Select(pair => pair.Parameter).Zip(states).Where(pair => pair.First.numel() > 0))
            {
                Tensor g = p.grad!;
                double gain = Math.Pow(step, -0.8);
                double alpha = Math.Max(1e-3, p.norm().item<double>() / Math.Sqrt(p.numel())) * Math.Min(rate, 1 / Math.Sqrt(step));
                using Scalar keep = (1 - (rate * decay)).ToScalar(), smallest = epsilon.ToScalar(), floor = (epsilon * epsilon).ToScalar();
                Tensor weight = tensor(gain, ScalarType.Float64);
                p.mul_(keep);
                Tensor variance;
                if (g.dim() > 1)
                {
                    state[0].lerp_((g * g).mean([-1], keepdim: true), weight);
                    state[1].lerp_((g * g).mean([-2], keepdim: true), weight);
                    variance = state[0].matmul(state[1]).div(state[0].mean([-2], keepdim: true).clamp_min(smallest));
                }
                else
                {
                    state[0].lerp_(g * g, weight);
                    variance = state[0].clone();
                }

                Tensor update = variance.clamp_min(floor).rsqrt().mul(g);
                using Scalar move = (-alpha / Math.Max(1, update.norm().item<double>() / Math.Sqrt(update.numel()))).ToScalar();
                p.add_(update.mul(move));
            }
        }

        Assert.InRange(Model.Distance(ours.Values(), theirs.Values()), 0, 1e-12);
        Assert.Equal([7, 1], fused.States.First(entry => entry.State == "row_var").Value.shape);
    }

    /// <summary>Query and key share a v a head, value has one a row, the table one an element.</summary>
    [Fact]
    public void AdamMini_FollowsHeadsAndRoles()
    {
        using var scope = NewDisposeScope();
        var options = new AdamMiniOptions { LearningRate = 0.01 };
        using var attention = new Parameter(Wave(12, 3));
        using var query = new Parameter(Wave(4, 3));
        using var table = new Parameter(Wave(5, 3));
        using FusedOptimizer fused = FusedOptimizer.Create([new FusedGroup([("attention", attention), ("query", query), ("table", table)], options)
        {
            StackedRows = new Dictionary<string, long[]> { ["attention"] = [4, 4, 4] },
            HeadRows = new Dictionary<string, long> { ["attention"] = 2, ["query"] = 2 },
            Roles = new Dictionary<string, ParameterRole> { ["table"] = ParameterRole.Embedding },
        }]);
        double[] before = attention.detach().data<double>().ToArray();
        attention.grad = Wave(12, 3) + 1;
        query.grad = Wave(4, 3) + 1;
        table.grad = Wave(5, 3) + 1;
        fused.step();

        double[] State(string name) => fused.States.First(entry => entry.Parameter == name && entry.State == "exp_avg_sq").Value.data<double>().ToArray();
        double[] g = attention.grad.data<double>().ToArray();
        int[] rows = [2, 2, 2, 2, 1, 1, 1, 1];
        int row = 0;
        double[] expected = [.. rows.Select(count => 0.001 * Enumerable.Range(3 * row, 3 * count).Average(i => g[i] * g[i]) + (0 * (row += count)))];
        Assert.All(expected.Zip(State("attention")), pair => Assert.Equal(pair.First, pair.Second, 1e-15));
        Assert.Equal(2, State("query").Length);
        Assert.All(State("table").Zip(table.grad.data<double>().ToArray()), pair => Assert.Equal(0.001 * pair.Second * pair.Second, pair.First, 1e-15));
        Assert.Equal([5, 3], fused.States.First(entry => entry.Parameter == "table" && entry.State == "exp_avg_sq").Value.shape);

        // The first step is −γ·g/(√mean + ε): the corrections of m and v cancel the gains.
        Assert.Equal(before[0] - (0.01 * g[0] / Math.Sqrt(expected[0] / 0.001)), attention.data<double>()[0], 1e-9);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void State_SavedAndLoaded_GoesOnAlike(RuleOptions options)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "optimizer.safetensors");
        using var model = new Model(ScalarType.Float32);
        using FusedOptimizer whole = FusedOptimizer.Create(model.Named, options);
        for (int step = 1; step <= 3; step++)
        {
            model.SetGradients(step);
            whole.step();
        }

        whole.Save(path);
        using var copy = new Model(ScalarType.Float32);
        using (no_grad())
        {
            foreach (((_, Parameter to), (_, Parameter from)) in copy.Named.Zip(model.Named))
            {
                to.copy_(from);
            }
        }

        using FusedOptimizer resumed = FusedOptimizer.Create(copy.Named, options);
        Assert.Empty(resumed.Load(path));
        for (int step = 4; step <= 6; step++)
        {
            model.SetGradients(step);
            copy.SetGradients(step);
            whole.step();
            resumed.step();
        }

        Assert.Equal(model.Values(), copy.Values());
    }

    /// <summary>A parameter without a gradient stays out of its step, and a later one has its own count.</summary>
    [Fact]
    public void ParametersWithoutAGradient_KeepTheirCount()
    {
        using var model = new Model(ScalarType.Float64);
        using var alone = new Model(ScalarType.Float64);
        using FusedOptimizer fused = FusedOptimizer.Create(model.Named, new LambOptions { LearningRate = 0.01 });
        using FusedOptimizer other = FusedOptimizer.Create(alone.Named, new LambOptions { LearningRate = 0.01 });
        for (int step = 1; step <= 4; step++)
        {
            model.SetGradients(step, index => index > 0 || step > 2);
            fused.step();
            if (step > 2)
            {
                alone.SetGradients(step);
                other.step();
            }
        }

        Assert.Equal((2, 4), (fused.StepOf(model.Named[0].Name), fused.StepOf(model.Named[1].Name)));
        Assert.Equal(alone.Values()[0], model.Values()[0]);
    }

    [Fact]
    public void Step_AfterTheFirst_AllocatesNothing()
    {
        using var model = new Model(ScalarType.Float32);
        using FusedOptimizer fused = FusedOptimizer.Create(model.Named, new AdafactorOptions());
        fused.Threads = SingleThread.Instance;
        model.SetGradients(1);
        fused.Step(new StepRequest());
        fused.Step(new StepRequest());
        long before = GC.GetAllocatedBytesForCurrentThread();
        fused.Step(new StepRequest());
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Tensor Wave(int rows, int columns) =>
        tensor([.. Enumerable.Range(0, rows * columns).Select(i => Math.Sin(1.7 * i))], [rows, columns]);

    private static double[][] Run(RuleOptions options, Model model, UpdatePath? path)
    {
        using (model)
        {
            using FusedOptimizer fused = FusedOptimizer.Create(model.Named, options);
            for (int step = 1; step <= 20; step++)
            {
                model.SetGradients(step);
                fused.Step(new StepRequest { GradientScale = 0.5, L1 = 0.01, L2 = 0.02, RateFactor = 1 - (0.01 * step) });
            }

            Assert.All(model.Named.Where(pair => pair.Parameter.numel() > 1), pair => Assert.Equal(path ?? fused.PathOf(pair.Name), fused.PathOf(pair.Name)));
            return model.Values();
        }
    }
}
