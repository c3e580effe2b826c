namespace Descent.Optimizers.Tests.Rules;

/// <summary>Rules with sums beside plain loops in double, over vectors, matrices and batches of matrices.</summary>
public sealed class ReductionTests
{
    private static readonly (string Name, long[] Shape)[] Shapes = [("vector", [9]), ("matrix", [7, 5]), ("batch", [2, 3, 11]), ("long", [40, 1037]), ("row", [1, 6])];

    public static TheoryData<OptimizerOptions> Variants =>
    [
        new LarsOptions { LearningRate = 3 },
        new LarsOptions { LearningRate = 3, WeightDecay = 0.2, TrustCoefficient = 0.01, Momentum = 0.5 },
        new LambOptions { LearningRate = 0.02 },
        new LambOptions { LearningRate = 0.02, WeightDecay = 0.2, Beta1 = 0.8, Beta2 = 0.9, Epsilon = 1e-3 },
        new CautiousAdamWOptions { LearningRate = 0.02 },
        new CautiousAdamWOptions { LearningRate = 0.02, WeightDecay = 0.2, Beta1 = 0.97, Beta2 = 0.9, Epsilon = 1e-3 },
        new AdafactorOptions(),
        new AdafactorOptions { LearningRate = 0.5, WeightDecay = 0.1, Epsilon1 = 0.3, Epsilon2 = 2, ClipThreshold = 0.4, Beta2Decay = -0.5 },
        new AdafactorOptions { Beta1 = 0.8, WeightDecay = 0.1 },
        new AdaLomoOptions { LearningRate = 0.05 },
        new AdaLomoOptions { LearningRate = 0.05, WeightDecay = 0.1, Epsilon1 = 0.01, Epsilon2 = 2, ClipThreshold = 0.4, Beta2Decay = -0.5 },
        new AdamMiniOptions { LearningRate = 0.02 },
        new AdamMiniOptions { LearningRate = 0.02, WeightDecay = 0.2, Beta1 = 0.8, Beta2 = 0.9, Epsilon = 1e-3, WholeTensors = true },
    ];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Path_IsThatOfThePaper(OptimizerOptions options)
    {
        var optimizer = new SpanOptimizer<double>(options, SingleThread.Instance, Shapes);
        double[] parameters = Numbers(optimizer.Length, 0);
        int start = 0;
        ReductionOracle[] oracles = [.. Shapes.Select(entry =>
        {
            // Adam-mini's unit is the first dimension: its batch is two rows of 33.
            long[] shape = options is AdamMiniOptions && entry.Shape.Length == 3 ? [entry.Shape[0], entry.Shape[1] * entry.Shape[2]] : entry.Shape;
            int length = (int)shape.Aggregate(1L, static (product, extent) => product * extent);
            bool vector = shape.Length < 2 || (options is AdamMiniOptions && shape[0] == 1);
            var oracle = new ReductionOracle(options, parameters[start..(start + length)], vector ? 0 : (int)shape[^2]) { Columns = (int)shape[^1] };
            start += length;
            return oracle;
        })];
        for (int step = 1; step <= 20; step++)
        {
            double[] gradients = Numbers(parameters.Length, step);
            double rate = options.LearningRate * (1 - (0.02 * step));
            optimizer.LearningRate = rate;
            optimizer.Step(parameters, gradients);
            start = 0;
            foreach (ReductionOracle oracle in oracles)
            {
                oracle.Step(gradients[start..(start + oracle.P.Length)], rate, step);
                start += oracle.P.Length;
            }
        }

        // Sums of 41,480 squares in another order, over 20 steps.
        double[] expected = [.. oracles.SelectMany(static oracle => oracle.P)];
        Assert.All(expected.Zip(parameters), static pair => Assert.Equal(pair.First, pair.Second, 1e-11));
        Assert.True(Numbers(parameters.Length, 0).Zip(parameters).Max(static pair => Math.Abs(pair.First - pair.Second)) > 1e-3, "nothing moved");
    }

    public static TheoryData<ProdigyOptions> Prodigies =>
    [
        new ProdigyOptions(),
        new ProdigyOptions { LearningRate = 0.5, WeightDecay = 0.1, BiasCorrection = true, InitialDistance = 1e-3, Coefficient = 2 },
        new ProdigyOptions { SafeguardWarmup = true, GrowthRate = 1.3, Beta1 = 0.8, Beta2 = 0.9, Beta3 = 0.97, Epsilon = 1e-3 },
    ];

    /// <summary>One estimate over all parameters, as the authors' package computes it.</summary>
    [Theory]
    [MemberData(nameof(Prodigies))]
    public void Prodigy_IsThatOfTheAuthors(ProdigyOptions options)
    {
        var optimizer = new SpanOptimizer<double>(options, SingleThread.Instance, Shapes);
        double[] p = Numbers(optimizer.Length, 0);
        double[] x = [.. p], x0 = [.. p];
        int n = x.Length;
        double[] m = new double[n], v = new double[n], s = new double[n];
        double d = options.InitialDistance, largest = d, numerator = 0;
        double beta3 = options.Beta3 ?? Math.Sqrt(options.Beta2);
        for (int step = 1; step <= 30; step++)
        {
            // A slope towards 1 with noise, so that the estimate grows.
            double[] noise = Numbers(n, step);
            double[] g = [.. x.Select((value, i) => (value - 1) + (0.1 * noise[i]))];
            optimizer.Step(p, [.. p.Select((value, i) => (value - 1) + (0.1 * noise[i]))]);

            double rate = d * options.LearningRate;
            rate *= options.BiasCorrection ? Math.Sqrt(1 - Math.Pow(options.Beta2, step)) / (1 - Math.Pow(options.Beta1, step)) : 1;
            double weight = d / options.InitialDistance;
            numerator = (beta3 * numerator) + (weight * rate * g.Select((y, i) => y * (x0[i] - x[i])).Sum());
            for (int i = 0; i < n; i++)
            {
                m[i] = (options.Beta1 * m[i]) + ((1 - options.Beta1) * d * g[i]);
                v[i] = (options.Beta2 * v[i]) + ((1 - options.Beta2) * d * d * g[i] * g[i]);
                s[i] = (beta3 * s[i]) + (weight * (options.SafeguardWarmup ? d : rate) * g[i]);
            }

            double estimate = options.Coefficient * numerator / s.Sum(Math.Abs);
            d = d == options.InitialDistance ? Math.Max(d, estimate) : d;
            largest = Math.Max(largest, estimate);
            d = Math.Min(largest, d * (options.GrowthRate ?? double.PositiveInfinity));
            for (int i = 0; i < n; i++)
            {
                x[i] = x[i] - (rate * options.WeightDecay * x[i]) - (rate * m[i] / (Math.Sqrt(v[i]) + (d * options.Epsilon)));
            }

            Assert.Equal(1, optimizer.SharedState[0] / d, 1e-9);
        }

        Assert.True(d > 10 * options.InitialDistance, $"the estimate stayed at {d}");
        Assert.All(x.Zip(p), static pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void Prodigy_AtARateOfZero_LearnsNothing()
    {
        var optimizer = new SpanOptimizer<double>(new ProdigyOptions(), 3) { LearningRate = 0 };
        double[] parameters = [1, 2, 3];
        optimizer.Step(parameters, [1, 1, 1]);
        Assert.Equal([1, 2, 3], parameters);
        Assert.Equal([1e-6, 1e-6, 0], optimizer.SharedState.ToArray());
        Assert.Equal([0, 0, 0], optimizer.State("s").ToArray());
    }

    /// <summary>Where nothing agrees, the bound keeps the step at 0 instead of dividing by it; where one element in four does, that one moves four times as far.</summary>
    [Fact]
    public void Cautious_ScalesWhatAgrees()
    {
        var optimizer = new SpanOptimizer<double>(new CautiousAdamWOptions { LearningRate = 0.1, WeightDecay = 0 }, 4);
        double[] parameters = [0, 0, 0, 0];
        optimizer.Step(parameters, [1, 1, 1, 1]);
        Assert.All(parameters, static value => Assert.Equal(-0.1, value, 1e-7));
        double[] before = [.. parameters];
        optimizer.Step(parameters, [-1e-3, -1e-3, -1e-3, -1e-3]);
        Assert.Equal(before, parameters);
        double first = Math.Abs(Moved([1e-3, 1e-3, 1e-3, 1e-3])), alone = Math.Abs(Moved([1e-3, -1e-3, -1e-3, -1e-3]));
        Assert.Equal(4, alone / first, 1e-9);

        // What the first element moves by in a second step.
        static double Moved(double[] second)
        {
            var optimizer = new SpanOptimizer<double>(new CautiousAdamWOptions { LearningRate = 0.1, WeightDecay = 0 }, 4);
            double[] parameters = [0, 0, 0, 0];
            optimizer.Step(parameters, [1, 1, 1, 1]);
            double before = parameters[0];
            optimizer.Step(parameters, second);
            return parameters[0] - before;
        }
    }

    [Theory]
    [InlineData("lars")]
    [InlineData("lamb")]
    public unsafe void TrustRatio_OfExemptTensors_IsOne(string kind)
    {
        // An exempt matrix moves as a vector of the same numbers does, whatever AdaptVectors says of the others.
        OptimizerOptions options = OptimizerCatalog.Create(kind) with { WeightDecay = 0.1 };
        double[] one = [1, 2, 3, 4], other = [1, 2, 3, 4], gradient = [4, 3, 2, 1];
        double[] states = new double[16];
        fixed (double* a = one, b = other, g = gradient, s = states)
        {
            TensorSlot matrix = new() { Parameter = a, Gradient = g, State0 = s, State1 = s + 4, Length = 4, Rows = 2, Columns = 2, Exempt = true };
            TensorSlot vector = new() { Parameter = b, Gradient = g, State0 = s + 8, State1 = s + 12, Length = 4 };
            options.CreateKernel().Update([matrix], ElementType.Float64, options.Scalars(1), SingleThread.Instance);
            options.CreateKernel().Update([vector], ElementType.Float64, options.Scalars(1) with { WeightDecay = 0 }, SingleThread.Instance);
        }

        Assert.Equal(other, one);
        Assert.NotEqual([1, 2, 3, 4], one);
    }

    [Fact]
    public void States_HaveTheShapesOfRowsAndColumns()
    {
        var optimizer = new SpanOptimizer<float>(new AdafactorOptions(), null, Shapes);
        Assert.Equal(7 + 6 + 40 + 1, optimizer.State("row_var").Length);
        Assert.Equal(5 + 22 + 1037 + 6, optimizer.State("col_var").Length);
        Assert.Equal(9, optimizer.State("variance").Length);
        Assert.Equal(22, optimizer.State("col_var", "batch").Length);

        var mini = new SpanOptimizer<float>(new AdamMiniOptions(), null, Shapes);
        Assert.Equal(1 + 7 + 2 + 40 + 1, mini.State("exp_avg_sq").Length);
        Assert.Equal(2, mini.State("exp_avg_sq", "batch").Length);
    }

    [Fact]
    public void MatricesThatDontFit_AreRefused()
    {
        var options = new AdafactorOptions();
        ArgumentException error = Assert.Throws<ArgumentException>(() => Refused(options));
        Assert.Contains("Tensor 0 of 1 has 4 elements, which 3 rows of 2 columns don't divide", error.Message, StringComparison.Ordinal);

        static unsafe void Refused(OptimizerOptions options)
        {
            double* x = stackalloc double[8];
            TensorSlot slot = new() { Parameter = x, Gradient = x, State0 = x, State1 = x, Length = 4, Rows = 3, Columns = 2 };
            options.CreateKernel().Update([slot], ElementType.Float64, options.Scalars(1), SingleThread.Instance);
        }
    }

    [Fact]
    public void EncodedStates_AreRefused()
    {
        foreach (OptimizerOptions options in OptimizerCatalog.KernelNames.Select(OptimizerCatalog.Create).Where(static options => options.Scope != UpdateScope.Element))
        {
            NotSupportedException error = Assert.Throws<NotSupportedException>(() => options.CreateKernel().Update(
                [new TensorSlot { Rows = 2, Columns = 2, Format = StateFormat.Int8 }], ElementType.Float32, options.Scalars(1) with { Shared = new double[3] }, SingleThread.Instance));
            Assert.Contains($"'{options.Kind}' sums over whole tensors", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void Options_OutOfRange_AreRefused(double value)
    {
        Assert.StartsWith($"Beta2Decay is {value}; allowed", Assert.Throws<ArgumentOutOfRangeException>(() => new AdafactorOptions { Beta2Decay = value }).Message, StringComparison.Ordinal);
        Assert.StartsWith($"GrowthRate is {value}; allowed", Assert.Throws<ArgumentOutOfRangeException>(() => new ProdigyOptions { GrowthRate = value }).Message, StringComparison.Ordinal);
        Assert.StartsWith($"Beta3 is {value}; allowed", Assert.Throws<ArgumentOutOfRangeException>(() => new ProdigyOptions { Beta3 = value }).Message, StringComparison.Ordinal);
    }

    private static double[] Numbers(int length, int step) =>
        [.. Enumerable.Range(0, length).Select(i => (Math.Sin((1.3 * i) + (0.7 * step)) + (0.3 * Math.Cos(0.37 * i * (step + 1)))) * (1 + (i % 3)))];
}
