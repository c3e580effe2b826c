using CsCheck;

namespace Descent.Optimizers.Tests.Rules;

/// <summary>Rules against the plain ones, with settings and gradients drawn at random.</summary>
public sealed class PlainRulesTests
{
    // The formulas are rearranged and the rounding differs: 1e-9 of what was moved is a thousand times what sixty steps gather.
    private const double Tolerance = 1e-9;

    private static readonly Gen<double> Beta = Gen.OneOf(Gen.Const(0.0), Gen.Double[0.05, 0.9995]);
    private static readonly Gen<double> Rate = Gen.Double[-4, -1].Select(static power => Math.Pow(10, power));

    // Coupled decay feeds the parameter back through a division by a root: with a large rate, a large decay and a short memory that is chaos, and rounding grows.
    private static readonly Gen<double> Memory = Gen.Double[0.5, 0.9995];
    private static readonly Gen<double> Decay = Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.05]);
    private static readonly Gen<double> Epsilon = Gen.Double[-10, -2].Select(static power => Math.Pow(10, power));

    // Zeros and sizes within four orders of each other: m + (1−β)(g − m) keeps no more of a g that is sixteen orders below m.
    private static readonly Gen<double> Gradient = Gen.Int[-3000, 3000].Select(static thousandths => thousandths / 1000.0);

    private static readonly Dictionary<string, Gen<OptimizerOptions>> Rules = new()
    {
        ["adadelta"] = Gen.Select(Memory, Epsilon).Select(static OptimizerOptions (beta, epsilon) => new AdadeltaOptions { Rho = beta, Epsilon = epsilon }),
        ["adamax"] = Gen.Select(Beta, Memory, Epsilon).Select(static OptimizerOptions (beta1, beta2, epsilon) =>
            new AdamaxOptions { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon }),
        ["nadam"] = Gen.Select(Beta, Memory, Epsilon, Gen.OneOf(Gen.Const(0.0), Gen.Const(4e-3), Gen.Const(1e6), Gen.Double[0, 3]), Gen.Bool).Select(
            static OptimizerOptions (beta1, beta2, epsilon, fall, decoupled) => new NAdamOptions
            {
                Beta1 = beta1,
                Beta2 = beta2,
                Epsilon = epsilon,
                MomentumDecay = fall,
                DecoupledDecay = decoupled,
            }),
        ["radam"] = Gen.Select(Beta, Memory, Epsilon, Gen.Bool).Select(static OptimizerOptions (beta1, beta2, epsilon, decoupled) =>
            new RAdamOptions { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, DecoupledDecay = decoupled }),
        ["rprop"] = Gen.Select(Gen.Double[0.1, 0.9], Gen.Double[1.1, 2], Gen.Double[0, 1e-2], Gen.Double[0.1, 5]).Select(
            static OptimizerOptions (shrink, grow, least, most) => new RpropOptions { Shrink = shrink, Grow = grow, MinimumStep = least, MaximumStep = most }),
        ["asgd"] = Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], Gen.OneOf(Gen.Const(1e6), Gen.Double[0, 20])).Select(
            static OptimizerOptions (fall, power, start) => new AsgdOptions { RateDecay = fall, Power = power, AveragingStart = start }),
        ["lion"] = Gen.Select(Beta, Beta).Select(static OptimizerOptions (beta1, beta2) => new LionOptions { Beta1 = beta1, Beta2 = beta2 }),
        ["ademamix"] = Gen.Select(Gen.Double[0.05, 0.99], Memory, Gen.Double[0.1, 0.9999], Epsilon, Gen.Double[0, 10], Gen.Long[0, 80], Gen.Long[0, 80]).Select(
            static OptimizerOptions (beta1, beta2, beta3, epsilon, alpha, alphaSteps, beta3Steps) => new AdEMAMixOptions
            {
                Beta1 = beta1,
                Beta2 = beta2,
                Beta3 = beta3,
                Epsilon = epsilon,
                Alpha = alpha,
                AlphaWarmupSteps = alphaSteps,
                Beta3WarmupSteps = beta3Steps,
            }),
        ["adopt"] = Gen.Select(Beta, Memory, Epsilon, Gen.Bool, Gen.Bool).Select(static OptimizerOptions (beta1, beta2, epsilon, clip, decoupled) =>
            new AdoptOptions { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, Clip = clip, DecoupledDecay = decoupled }),
        ["adan"] = Gen.Select(Beta, Beta, Memory, Epsilon, Gen.Bool).Select(static OptimizerOptions (beta1, beta2, beta3, epsilon, proximal) =>
            new AdanOptions { Beta1 = beta1, Beta2 = beta2, Beta3 = beta3, Epsilon = epsilon, Proximal = proximal }),
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Path_WithAnySettings_IsThePlainRules(string rule) =>
        Gen.Select(Rules[rule], Rate, Decay, Gen.Bool, Gen.Double[-2, 2], Gradient.Array[1, 60]).Sample(
            static (drawn, rate, decay, maximize, start, gradients) =>
            {
                OptimizerOptions options = drawn with { LearningRate = rate, WeightDecay = decay, Maximize = maximize };
                var optimizer = new SpanOptimizer<double>(options, 1, SingleThread.Instance);
                Func<double, double> plain = PlainRules.Start(options, start);
                double[] p = [start];
                double before = start, moved = Math.Abs(start);
                for (int t = 0; t < gradients.Length; t++)
                {
                    optimizer.Step(p, [gradients[t]]);
                    double expected = plain(gradients[t]);
                    (moved, before) = (moved + Math.Abs(expected - before), expected);
                    Assert.True(Math.Abs(p[0] - expected) <= Tolerance * moved, $"{options}, step {t + 1}: {p[0]:R} instead of {expected:R}");
                }
            },
            iter: 300);

    /// <summary>
    /// Pₜ of NAdam follows from t alone, so that parameters may be in different steps: each step here is the first of an optimizer that is told to be in step t.
    /// </summary>
    [Theory]
    [InlineData(0.9, 4e-3)]
    [InlineData(0.999, 4e-3)]
    [InlineData(0.99999, 1e-4)]
    [InlineData(0.9, 0)]
    [InlineData(0.9, 1e6)]
    [InlineData(0, 4e-3)]
    public void NAdam_InAnyStep_KnowsTheProductOfAllBefore(double beta1, double decay)
    {
        NAdamOptions options = new() { Beta1 = beta1, Beta2 = 0, Epsilon = 0, MomentumDecay = decay, LearningRate = 1 };
        var optimizer = new SpanOptimizer<double>(options, 1, SingleThread.Instance);
        double product = 1;
        double[] p = [0];
        for (int t = 1; t <= 20_000; t++)
        {
            double mu = beta1 * (1 - (0.5 * Math.Pow(0.96, t * decay)));
            double next = beta1 * (1 - (0.5 * Math.Pow(0.96, (t + 1) * decay)));
            product *= mu;
            p[0] = 0;
            optimizer.State("exp_avg").Clear();
            optimizer.Steps = t - 1;
            optimizer.Step(p, [1]);

            // The running product's own rounding is t half units: 1e-11 over 20,000 of them.
            double expected = -((1 - mu) / (1 - product)) - (next / (1 - (product * next)) * (1 - beta1));
            Assert.True(Math.Abs(p[0] - expected) <= 1e-11 * Math.Abs(expected), $"step {t}: {p[0]:R} instead of {expected:R}");
        }
    }

    [Fact]
    public void AsgdsEvaluationPoint_IsTheMeanOfAllPointsSinceTheStart()
    {
        AsgdOptions options = new() { LearningRate = 0.1, AveragingStart = 5, RateDecay = 0.1 };
        var optimizer = new SpanOptimizer<double>(options, 1, SingleThread.Instance);
        (Func<double, double> step, Func<double> mean) = PlainRules.Asgd(options, 1);
        double[] p = [1], measured = [0];
        var since = new List<double>();
        for (int t = 1; t <= 40; t++)
        {
            double g = Math.Sin(t);
            optimizer.Step(p, [g]);
            step(g);
            if (t > 6)
            {
                since.Add(p[0]);
            }

            optimizer.CopyEvaluationPoint(p, measured);
            Assert.Equal(mean(), measured[0], 1e-14);
            Assert.Equal(since.Count == 0 ? p[0] : since.Average(), measured[0], 1e-14);
        }
    }

    [Fact]
    public void Rprop_AfterAChangeOfSign_RestsAndHalves()
    {
        // δ: 1, 1.2, then 0.6 and no step, then 0.6 again because the gradient before counts as 0, then 0.72.
        var optimizer = new SpanOptimizer<double>(new RpropOptions { LearningRate = 1 }, 1, SingleThread.Instance);
        double[] p = [0];
        double[] path = [.. new[] { 4.0, 1e-200, -1e-200, -2, -3 }.Select(g =>
        {
            optimizer.Step(p, [g]);
            return p[0];
        })];
        Assert.Equal([-1, -2.2, -2.2, -1.6, -0.88], path.Select(static x => Math.Round(x, 12)));
    }

    [Fact]
    public void Adopt_InTheFirstStep_OnlyLooks()
    {
        var optimizer = new SpanOptimizer<double>(new AdoptOptions { LearningRate = 1, DecoupledDecay = true, WeightDecay = 0.5 }, 1, SingleThread.Instance);
        double[] p = [2];
        optimizer.Step(p, [3]);
        Assert.Equal((2.0, 9.0, 0.0), (p[0], optimizer.State("exp_avg_sq")[0], optimizer.State("exp_avg")[0]));
        optimizer.Step(p, [6]); // n = 6/3, clipped to 1; θ = 2·(1 − 0.5) − 0.1
        Assert.Equal(0.9, p[0], 1e-15);
    }

    [Fact]
    public void MeansOfSquares_AreDeclaredNonNegative()
    {
        string[] nonNegative = ["exp_avg_sq", "max_exp_avg_sq", "square_avg", "acc_delta", "sum", "exp_inf", "step_size"];
        Assert.All(
            Subjects.All.Values.SelectMany(static options => options.State).Where(state => nonNegative.Contains(state.Name)),
            static state => Assert.True(state.NonNegative, state.Name));
    }
}
