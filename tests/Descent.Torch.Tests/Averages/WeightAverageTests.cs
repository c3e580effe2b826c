using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Averages;

public sealed class WeightAverageTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, ScalarType> Cases => new()
    {
        { "ema", ScalarType.Float32 },
        { "ema", ScalarType.Float64 },
        { "ema", ScalarType.BFloat16 },
        { "ema without warm-up", ScalarType.Float32 },
        { "swa", ScalarType.Float32 },
        { "swa", ScalarType.BFloat16 },
    };

    public void Dispose() => _scope.Dispose();

    /// <summary>The recursion of the definition in double, from the weights the parameters really had.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Update_FollowsTheDefinition(string kind, ScalarType type)
    {
        using var parameter = new Parameter(randn(3, 5).to(type));
        using var strided = new Parameter(randn(4, 3).to(type).t());
        using WeightAverage average = Average(kind, parameter, strided);
        double[]? expected = null;
        double[] sum = new double[15];
        for (int t = 0; t < 30; t++)
        {
            Fill(parameter, t);
            Fill(strided, t + 100);
            double[] theta = Numbers(parameter);
            average.Update();
            for (int i = 0; i < theta.Length; i++)
            {
                sum[i] += theta[i];
            }

            double decay = kind == "ema" ? Math.Min(0.8, (1.0 + t) / (10.0 + t)) : 0.8;
            expected = kind == "swa" ? [.. sum.Select(value => value / (t + 1))]
                : expected is null ? theta
                : [.. expected.Zip(theta, (e, x) => (decay * e) + ((1 - decay) * x))];
        }

        // Thirty updates, each rounded to the mean's type; half and bfloat16 have a mean in float.
        double tolerance = type == ScalarType.Float64 ? 1e-14 : 1e-6;
        double[] found = Numbers(average.Mean("p")!);
        Assert.All(expected!.Zip(found), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        Assert.Equal(30, average.Updates);
        Assert.Equal(["p", "q"], average.Tensors.Select(static entry => entry.Name));
        Assert.Equal(type == ScalarType.BFloat16 ? ScalarType.Float32 : type, average.Mean("p")!.dtype);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void Swap_PutsTheMeanIn_AndTheWeightsBackBitForBit(ScalarType type)
    {
        using var parameter = new Parameter(randn(7).to(type));
        using var other = new Parameter(randn(2).to(type));
        using WeightAverage average = Average("ema", parameter, other);
        average.Update();
        Fill(parameter, 1);
        average.Update();
        Fill(parameter, 2);
        parameter.detach()[0] = float.NaN;
        byte[] weights = Bytes(parameter), mean = Bytes(average.Mean("p")!);
        using (WeightSwap swap = average.Swap())
        {
            Assert.Equal(Bytes(tensor(Numbers(average.Mean("p")!.dtype == type ? parameter : average.Mean("p")!)).to(type)), Bytes(parameter));
            Assert.Equal(mean, type == ScalarType.BFloat16 ? Bytes(average.Mean("p")!) : Bytes(parameter));
            Assert.Equal(weights, Bytes(swap.Training["p"]));
            Assert.Throws<InvalidOperationException>(average.Update);
            Assert.Throws<InvalidOperationException>(average.Swap);
        }

        Assert.Equal(weights, Bytes(parameter));
        Assert.Equal(mean, Bytes(average.Mean("p")!));
        average.Update();
    }

    [Fact]
    public void Swap_Kept_LeavesTheMean()
    {
        using var parameter = new Parameter(zeros(2));
        using WeightAverage average = Average("swa", parameter, parameter);
        average.Update();
        Fill(parameter, 1);
        WeightSwap swap = average.Swap();
        swap.Keep();
        swap.Dispose();
        Assert.Equal([0f, 0f], parameter.detach().data<float>().ToArray());
    }

    [Fact]
    public void Swap_BeforeTheFirstUpdate_ChangesNothing()
    {
        using var parameter = new Parameter(randn(3));
        using WeightAverage average = Average("ema", parameter, parameter);
        byte[] before = Bytes(parameter);
        using WeightSwap swap = average.Swap();
        Assert.Equal(before, Bytes(parameter));
        Assert.Empty(swap.Training);
    }

    /// <summary>Saved, restored and gone on with: the same bits as without a break, on any number of threads.</summary>
    [Fact]
    public void Restore_GoesOnWithTheSameBits()
    {
        using var parameter = new Parameter(randn(1000));
        using WeightAverage whole = Average("ema", parameter, parameter), first = Average("ema", parameter, parameter);
        using var pool = new WorkerPool(3);
        whole.Threads = pool;
        WeightAverage second = Average("ema", parameter, parameter);
        for (int t = 0; t < 10; t++)
        {
            Fill(parameter, t);
            whole.Update();
            (t < 5 ? first : second).Update();
            if (t == 4)
            {
                second.Restore(first.Updates, name => first.Mean(name)!.clone());
            }
        }

        Assert.Equal(Bytes(whole.Mean("p")!), Bytes(second.Mean("p")!));
        second.Dispose();
        Assert.Throws<ArgumentException>(() => whole.Restore(1, _ => zeros(3)));
    }

    [Fact]
    public void SwapEvaluationPoint_IsWhereScheduleFreeConverges()
    {
        using var parameter = new Parameter(zeros(4));
        using FusedOptimizer optimizer = FusedOptimizer.Create([("p", parameter)], new ScheduleFreeSgdOptions { LearningRate = 0.5, Momentum = 0.8 });
        Assert.True(optimizer.HasEvaluationPoint);

        // Algorithm 1 of the paper with z and x as they are there, in double.
        double[] z = new double[4], x = new double[4];
        for (int t = 1; t <= 20; t++)
        {
            double[] y = [.. z.Zip(x, static (a, b) => (0.2 * a) + (0.8 * b))];
            parameter.grad = (parameter.detach() - tensor(new[] { 1f, 2, 3, 4 }));
            for (int i = 0; i < 4; i++)
            {
                z[i] -= 0.5 * (y[i] - (i + 1));
                x[i] += (z[i] - x[i]) / t;
            }

            optimizer.step();
        }

        byte[] before = Bytes(parameter);
        using (WeightSwap swap = optimizer.SwapEvaluationPoint())
        {
            Assert.All(x.Zip(Numbers(parameter)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            Assert.Equal(before, Bytes(swap.Training["p"]));
        }

        Assert.Equal(before, Bytes(parameter));
    }

    /// <summary>An encoded state moves the model as a plain one does: by what it decodes to.</summary>
    [Theory]
    [InlineData(ScalarType.Float32, StateFormat.Int8)]
    [InlineData(ScalarType.Float32, StateFormat.Bfloat16)]
    [InlineData(ScalarType.Float32, StateFormat.Float32)]
    [InlineData(ScalarType.BFloat16, StateFormat.Int8)]
    public void SwapEvaluationPoint_DecodesStates(ScalarType type, StateFormat format)
    {
        manual_seed(5);
        using var parameter = new Parameter(randn(70, 64).to(type));
        var options = new ScheduleFreeAdamWOptions { LearningRate = 0.1, StateFormat = format };
        using FusedOptimizer optimizer = FusedOptimizer.Create([("p", parameter)], options);
        for (int t = 0; t < 5; t++)
        {
            parameter.grad = randn(70, 64).to(type);
            optimizer.step();
        }

        EvaluationPoint point = options.EvaluationPoint!.Value;
        Assert.Equal(format, optimizer.FormatOf("p"));
        double[] state = Numbers(optimizer.ReadState("p", point.State)), y = Numbers(parameter);
        Assert.Contains(state, static value => Math.Abs(value) > 1e-2);
        byte[] before = Bytes(parameter);
        using (optimizer.SwapEvaluationPoint())
        {
            // One rounding of the sum, of values below 8: half a unit in the last place.
            double tolerance = type == ScalarType.BFloat16 ? Math.Pow(2, -6) : 1e-6;
            Assert.All(y.Zip(state, Numbers(parameter)), entry => Assert.Equal(entry.First + (point.Factor * entry.Second), entry.Third, tolerance));
        }

        Assert.Equal(before, Bytes(parameter));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunningStatistics_AreTheMeanOverTheBatches(bool torchsOwn)
    {
        using nn.Module<Tensor, Tensor> layer = torchsOwn ? nn.BatchNorm1d(3) : new Counting();
        using var model = nn.Sequential(("first", nn.Dropout(0.5)), ("norm", layer));
        layer.get_buffer("running_mean")!.copy_(tensor(new[] { 100f, 100, 100 }));
        model.train();
        Tensor[] batches = [.. Enumerable.Range(0, 4).Select(i => randn(8, 3) + tensor((float)i))];

        RunningStatistics.Estimate(model, batches.Select<Tensor, Action>(batch => () => model.call(batch)));

        Tensor means = stack([.. batches.Select(static batch => batch.mean([0]))]).mean([0]);
        Assert.True(allclose(means, layer.get_buffer("running_mean")!, rtol: 1e-5, atol: 1e-5));
        Assert.True(layer.training && model.training);
        Assert.Equal(0.1, torchsOwn ? ((NormBase)layer).momentum!.Value : ((IRunningStatistics)layer).Momentum);
        Assert.True(RunningStatistics.AreIn(model));
        Assert.False(RunningStatistics.AreIn(nn.Linear(2, 2)));
    }

    private static WeightAverage Average(string kind, Parameter p, Parameter q) => new(
        [("p", p), ("q", q)],
        kind == "swa" ? new SwaOptions() : new EmaOptions { Decay = 0.8, Warmup = kind == "ema" });

    private static void Fill(Parameter parameter, int seed)
    {
        using IDisposable noGrad = no_grad();
        manual_seed(seed);
        parameter.copy_(randn(parameter.shape));
    }

    private static double[] Numbers(Tensor values) => values.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();

    private static byte[] Bytes(Tensor values) => values.detach().contiguous().bytes.ToArray();

    /// <summary>A layer of one's own with running means.</summary>
    private sealed class Counting : nn.Module<Tensor, Tensor>, IRunningStatistics
    {
        public Counting()
            : base("counting") => register_buffer("running_mean", zeros(3));

        public double Momentum { get; set; } = 0.1;

        public override Tensor forward(Tensor input)
        {
            if (training)
            {
                Tensor mean = get_buffer("running_mean")!;
                mean.copy_((mean * tensor((float)(1 - Momentum))) + (input.mean([0]) * tensor((float)Momentum)));
            }

            return input;
        }
    }
}
