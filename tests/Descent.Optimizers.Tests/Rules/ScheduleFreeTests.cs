namespace Descent.Optimizers.Tests.Rules;

/// <summary>The three sequences x, y and z as the paper and the authors' package write them, in double, beside the rules that keep y and z − y.</summary>
public sealed class ScheduleFreeTests
{
    private const int Steps = 40;

    public static TheoryData<ScheduleFreeOptions> Variants =>
    [
        new ScheduleFreeSgdOptions(),
        new ScheduleFreeSgdOptions { LearningRate = 0.3, WeightDecay = 0.1, Momentum = 0.7, StepPower = 1.5, RatePower = 0 },
        new ScheduleFreeAdamWOptions(),
        new ScheduleFreeAdamWOptions { LearningRate = 0.02, WeightDecay = 0.2, Beta1 = 0.95, Beta2 = 0.9, Epsilon = 1e-4, StepPower = 1 },
        new ScheduleFreeRAdamOptions(),
        new ScheduleFreeRAdamOptions { LearningRate = 0.02, WeightDecay = 0.2, Beta2 = 0.95, SilentSgdPhase = false },
    ];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Path_IsThatOfTheThreeSequences(ScheduleFreeOptions options)
    {
        var oracle = new ThreeSequences(options, start: 0.8);
        var optimizer = new SpanOptimizer<double>(options, 1, SingleThread.Instance);
        double[] y = [0.8];
        double[] x = [0];
        for (int step = 1; step <= Steps; step++)
        {
            // A warm-up and a decay, as a schedule would set them; a gradient that depends on where it is taken.
            double rate = options.LearningRate * Math.Min(1, step / 10.0) * (step > 30 ? 0.5 : 1);
            double gradient = Math.Sin(step) + (0.3 * y[0]);
            optimizer.LearningRate = rate;
            optimizer.Step(y, [gradient]);
            oracle.Step(gradient, rate, step);
            optimizer.CopyEvaluationPoint(y, x);

            // Roundings of 40 steps over numbers below 10.
            Assert.Equal(oracle.Y, y[0], 1e-12);
            Assert.Equal(oracle.X, x[0], 1e-12);
        }
    }

    [Fact]
    public void FirstStep_PutsTheMeanOnThePointItself()
    {
        var optimizer = new SpanOptimizer<double>(new ScheduleFreeSgdOptions { LearningRate = 0.5 }, 1);
        double[] y = [1];
        double[] x = [0];
        optimizer.Step(y, [1]);
        optimizer.CopyEvaluationPoint(y, x);
        Assert.Equal((0.5, 0.5), (y[0], x[0]));
    }

    /// <summary>Before the rate rises above 0 there are no weights to divide by.</summary>
    [Fact]
    public void ARateOfZero_MovesNothing()
    {
        var optimizer = new SpanOptimizer<double>(new ScheduleFreeAdamWOptions(), 1) { LearningRate = 0 };
        double[] y = [1];
        optimizer.Step(y, [1]);
        Assert.Equal((1.0, 0.0), (y[0], optimizer.State("z_minus_y")[0]));
        Assert.Equal([0, 0, 0], optimizer.SharedState.ToArray());
    }

    [Fact]
    public void RAdam_InItsSilentPhase_GathersSquaresOnly()
    {
        var optimizer = new SpanOptimizer<double>(new ScheduleFreeRAdamOptions(), 1);
        double[] y = [1];
        for (int step = 0; step < 4; step++)
        {
            optimizer.Step(y, [1]);
        }

        Assert.Equal(1, y[0]);
        Assert.Equal(1 - Math.Pow(0.999, 4), optimizer.State("exp_avg_sq")[0], 1e-15);
        optimizer.Step(y, [1]);
        Assert.True(y[0] < 1, "ρ is above 4 in the fifth step");
    }

    [Fact]
    public void EvaluationPoint_OfOtherRules_IsTheParameter()
    {
        var optimizer = new SpanOptimizer<float>(new AdamWOptions(), 2);
        float[] x = new float[2];
        optimizer.CopyEvaluationPoint([3, 4], x);
        Assert.Equal([3, 4], x);
        Assert.Null(new AdamWOptions().EvaluationPoint);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Interpolation_AtEitherEnd_IsRefused(double beta) =>
        Assert.StartsWith($"Beta1 is {beta}; allowed: above 0 and below 1", Assert.Throws<ArgumentOutOfRangeException>(() => new ScheduleFreeAdamWOptions { Beta1 = beta }).Message, StringComparison.Ordinal);

    /// <summary>x, y and z of one parameter, each kept.</summary>
    private sealed class ThreeSequences(ScheduleFreeOptions options, double start)
    {
        private double _z = start;
        private double _v;
        private double _weights;
        private double _largest = -1;

        public double X { get; private set; } = start;

        public double Y { get; private set; } = start;

        public void Step(double g, double rate, int t)
        {
            double beta = 1;
            switch (options)
            {
                case ScheduleFreeSgdOptions sgd:
                    beta = sgd.Momentum;
                    g += options.WeightDecay * Y;
                    break;
                case ScheduleFreeAdamWOptions adam:
                    beta = adam.Beta1;
                    g = (g / Root(g, adam.Beta2, adam.Epsilon, t)) + (options.WeightDecay * Y);
                    break;
                case ScheduleFreeRAdamOptions radam:
                    beta = radam.Beta1;
                    double limit = (2 / (1 - radam.Beta2)) - 1;
                    double length = limit - (2 * t * Math.Pow(radam.Beta2, t) / (1 - Math.Pow(radam.Beta2, t)));
                    double root = Root(g, radam.Beta2, radam.Epsilon, t);
                    g = (length > 4 ? g / root : g) + (options.WeightDecay * Y);
                    rate *= length > 4 ? Math.Sqrt((length - 4) / (limit - 4) * ((length - 2) / (limit - 2)) * (limit / length))
                        : radam.SilentSgdPhase ? 0 : 1;
                    break;
            }

            _largest = Math.Max(_largest, rate);
            double weight = Math.Pow(t, options.StepPower) * Math.Pow(_largest, options.RatePower);
            _weights += weight;
            double c = _weights > 0 ? weight / _weights : 0;
            _z -= rate * g;
            X = ((1 - c) * X) + (c * _z);
            Y = ((1 - beta) * _z) + (beta * X);
        }

        private double Root(double g, double beta2, double epsilon, int t)
        {
            _v = (beta2 * _v) + ((1 - beta2) * g * g);
            return Math.Sqrt(_v / (1 - Math.Pow(beta2, t))) + epsilon;
        }
    }
}
