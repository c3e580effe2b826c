using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>Encoded states and bfloat16 parameters under the optimizer: what is stored how, and that it survives files.</summary>
public sealed class StorageTests
{
    public static TheoryData<StateFormat> Encoded => [StateFormat.Bfloat16, StateFormat.Int8, StateFormat.Int4, StateFormat.Dynamic8];

    [Theory]
    [MemberData(nameof(Encoded))]
    public void Step_StoresLargeTensorsInTheFormat_SmallOnesAndEmbeddingsInFloat(StateFormat format)
    {
        using var scope = NewDisposeScope();
        using var net = new Net();
        using FusedOptimizer fused = net.Optimizer(format);
        net.Step(fused, 1, 2);

        Assert.Equal(format, fused.FormatOf("matrix"));
        Assert.Equal(StateFormat.Float32, fused.FormatOf("bias"));
        Assert.Equal(StateFormat.Float32, fused.FormatOf("table"));
        Assert.All(net.Named, entry => Assert.Equal(UpdatePath.Kernel, fused.PathOf(entry.Name)));
        long bytes = fused.States.Where(static state => state.Parameter == "matrix").Sum(static state => state.Value.numel() * state.Value.element_size());
        Assert.Equal(2 * StateCodec.Of(format).BytesPerElement, (double)bytes / (128 * 64), 3);
    }

    /// <summary>Within a tenth of the way that float32 goes: gradients change sign from step to step, so codes err by far less than that.</summary>
    [Theory]
    [MemberData(nameof(Encoded))]
    public void Steps_StayNearFloat32(StateFormat format)
    {
        using var scope = NewDisposeScope();
        using Net exact = new(), net = new();
        using FusedOptimizer reference = exact.Optimizer(StateFormat.Float32), fused = net.Optimizer(format);
        Tensor start = exact.Matrix.detach().clone();
        exact.Step(reference, 1, 10);
        net.Step(fused, 1, 10);
        double moved = (exact.Matrix.detach() - start).norm().item<float>();
        double apart = (exact.Matrix.detach() - net.Matrix.detach()).norm().item<float>();
        Assert.InRange(apart / moved, 1e-6, format == StateFormat.Int4 ? 0.5 : 0.1);
    }

    [Theory]
    [MemberData(nameof(Encoded))]
    public void Load_IntoTheSameFormat_GoesOnBitForBit(StateFormat format)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "optimizer.safetensors");
        using Net whole = new(), resumed = new();
        using FusedOptimizer first = whole.Optimizer(format), second = resumed.Optimizer(format);
        whole.Step(first, 1, 3);
        first.Save(path);
        resumed.CopyFrom(whole);
        Assert.Empty(second.Load(path));
        whole.Step(first, 4, 6);
        resumed.Step(second, 4, 6);
        foreach (var (a, b) in whole.Named.Zip(resumed.Named))
        {
            Assert.True(a.Parameter.detach().bytes.SequenceEqual(b.Parameter.detach().bytes), a.Name);
        }

        foreach (var (a, b) in first.States.Zip(second.States))
        {
            Assert.Equal((a.Parameter, a.State), (b.Parameter, b.State));
            Assert.True(a.Value.bytes.SequenceEqual(b.Value.bytes), $"{a.Parameter}/{a.State}");
        }
    }

    [Theory]
    [InlineData(StateFormat.Int8, StateFormat.Float32, 0)]
    [InlineData(StateFormat.Float32, StateFormat.Int8, 1.0 / 16)]
    [InlineData(StateFormat.Int8, StateFormat.Dynamic8, 0.3)]
    [InlineData(StateFormat.Bfloat16, StateFormat.Int4, 0.5)]
    [InlineData(StateFormat.Dynamic8, StateFormat.Bfloat16, 1.0 / 256)]
    public void Load_IntoAnotherFormat_KeepsTheValues(StateFormat from, StateFormat to, double relative)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "optimizer.safetensors");
        using Net net = new(), other = new();
        using FusedOptimizer first = net.Optimizer(from), second = other.Optimizer(to);
        net.Step(first, 1, 3);
        first.Save(path);
        second.Load(path);
        Assert.Equal(3, second.StepOf("matrix"));
        Assert.Equal(to, second.FormatOf("matrix"));
        foreach (string state in (string[])["exp_avg", "exp_avg_sq"])
        {
            using Tensor before = first.ReadState("matrix", state), after = second.ReadState("matrix", state);
            double largest = before.abs().max().item<float>();
            Assert.True(((after - before).abs() <= (before.abs() * relative) + (largest * relative / 50) + 1e-30).all().item<bool>(), state);
        }
    }

    [Fact]
    public void StateDict_OfTorchSharp_CarriesCodes()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "optimizer.bin");
        using Net whole = new(), resumed = new();
        using FusedOptimizer first = whole.Optimizer(StateFormat.Int8), second = resumed.Optimizer(StateFormat.Int8);
        whole.Step(first, 1, 3);
        first.save_state_dict(path);
        resumed.CopyFrom(whole);
        second.load_state_dict(path);
        whole.Step(first, 4, 5);
        resumed.Step(second, 4, 5);
        Assert.True(whole.Matrix.detach().bytes.SequenceEqual(resumed.Matrix.detach().bytes));
    }

    [Fact]
    public void WithStates_ConvertsWhatADropInHas()
    {
        using var scope = NewDisposeScope();
        using var net = new Net();
        using FusedOptimizer fused = Fused.AdamW(net.Named.Select(static entry => (entry.Name, entry.Parameter)));
        net.Step(fused, 1, 2);
        using Tensor before = fused.ReadState("matrix", "exp_avg_sq");
        Assert.Same(fused, fused.WithStates(StateFormat.Int8));
        using Tensor after = fused.ReadState("matrix", "exp_avg_sq");
        Assert.True(((after - before).abs() <= (before / 16) + (before.max() * 1e-9)).all().item<bool>());
        net.Step(fused, 3, 3);
        Assert.Equal(UpdatePath.Kernel, fused.PathOf("matrix"));
        fused.SetState("matrix", "exp_avg_sq", before);
        using Tensor set = fused.ReadState("matrix", "exp_avg_sq");
        Assert.Equal(after.data<float>().ToArray(), set.data<float>().ToArray());
    }

    /// <summary>Operators serve encoded states too, decoded and encoded around them: here because the parameter's elements don't lie in a row.</summary>
    [Fact]
    public void Step_ThroughOperators_KeepsTheFormat()
    {
        using var scope = NewDisposeScope();
        using var strided = new Parameter(ones(64, 128).transpose(0, 1));
        using FusedOptimizer fused = FusedOptimizer.Create([("w", strided)], new AdamWOptions { LearningRate = 0.1, StateFormat = StateFormat.Int8 });
        strided.grad = ones(128, 64);
        fused.step();
        Assert.Equal(UpdatePath.Operators, fused.PathOf("w"));
        Assert.Equal(StateFormat.Int8, fused.FormatOf("w"));
        using Tensor mean = fused.ReadState("w", "exp_avg");
        Assert.Equal(0.1f, mean[3, 5].item<float>(), 1e-6f);
        Assert.Equal(0.899f, strided.detach()[3, 5].item<float>(), 1e-5f);
    }

    [Theory]
    [InlineData(StateFormat.Float32)]
    [InlineData(StateFormat.Int8)]
    public void Bfloat16Parameters_AreTheSameOnAnyThreads_AndMoveOnAverage(StateFormat format)
    {
        using var scope = NewDisposeScope();
        using Net one = new(ScalarType.BFloat16), many = new(ScalarType.BFloat16);
        using FusedOptimizer alone = one.Optimizer(format, rate: 1e-4), parallel = many.Optimizer(format, rate: 1e-4);
        using var pool = new WorkerPool(3);
        alone.Threads = SingleThread.Instance;
        parallel.Threads = pool;
        float before = one.Matrix.detach().to(ScalarType.Float32).mean().item<float>();
        one.Step(alone, 1, 20, static shape => ones(shape));
        many.Step(parallel, 1, 20, static shape => ones(shape));
        Assert.True(one.Matrix.detach().bytes.SequenceEqual(many.Matrix.detach().bytes));

        // 20 steps of 1e-4 where the unit of values about 1 is 4e-3 to 8e-3: to nearest, none of them would be taken.
        Assert.Equal(-20e-4f, one.Matrix.detach().to(ScalarType.Float32).mean().item<float>() - before, 3e-4f);
    }

    private sealed class Net : IDisposable
    {
        private readonly ScalarType _type;

        public Net(ScalarType type = ScalarType.Float32)
        {
            _type = type;
            random.manual_seed(5);
            Matrix = new Parameter((rand(128, 64) + 1).to(type));
            Bias = new Parameter(rand(128).to(type));
            Table = new Parameter(rand(100, 64).to(type));
        }

        public Parameter Matrix { get; }

        public Parameter Bias { get; }

        public Parameter Table { get; }

        public (string Name, Parameter Parameter)[] Named => [("matrix", Matrix), ("bias", Bias), ("table", Table)];

        public FusedOptimizer Optimizer(StateFormat format, double rate = 0.01) => FusedOptimizer.Create(
        [
            new FusedGroup(Named, new AdamWOptions { LearningRate = rate, WeightDecay = 0, StateFormat = format })
            {
                Roles = new Dictionary<string, ParameterRole> { ["table"] = ParameterRole.Embedding },
            },
        ]);

        public void Step(FusedOptimizer optimizer, int from, int to, Func<long[], Tensor>? gradient = null)
        {
            for (int step = from; step <= to; step++)
            {
                using var scope = NewDisposeScope();
                random.manual_seed(step);
                foreach (var (_, parameter) in Named)
                {
                    using var noGrad = no_grad();
                    parameter.grad = (gradient?.Invoke(parameter.shape) ?? (randn(parameter.shape) * 0.1f)).to(_type);
                }

                optimizer.step();
            }
        }

        public void CopyFrom(Net other)
        {
            using var noGrad = no_grad();
            foreach (var (mine, theirs) in Named.Zip(other.Named))
            {
                mine.Parameter.copy_(theirs.Parameter);
            }
        }

        public void Dispose()
        {
            Matrix.Dispose();
            Bias.Dispose();
            Table.Dispose();
        }
    }
}
