namespace Descent.Optimizers.Tests.Schedules;

public sealed class ScheduleTests
{
    private const double Exact = 1e-12;

    public static TheoryData<string> Names => [.. ScheduleCatalog.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void AnySchedule_WarmsUpInAStraightLine(string name)
    {
        Schedule schedule = ScheduleCatalog.Create(name) with { WarmupSteps = 4 };
        Assert.Equal([0.2, 0.4, 0.6, 0.8], Enumerable.Range(0, 4).Select(step => Math.Round(schedule.At(step, 100), 12)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnySchedule_AfterItsWarmUp_IsTheSameOneLater(string name)
    {
        Schedule plain = ScheduleCatalog.Create(name);
        Schedule warmed = plain with { WarmupSteps = 7 };
        for (long step = 0; step <= 93; step++)
        {
            Assert.Equal(plain.At(step, 93), warmed.At(step + 7, 100));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnySchedule_IsFiniteAndNotNegativeEverywhere(string name)
    {
        foreach (long total in (long[])[1, 2, 3, 10, 1000])
        {
            foreach (long warmup in (long[])[0, 1, 5, 2000])
            {
                Schedule schedule = ScheduleCatalog.Create(name) with { WarmupSteps = warmup };
                for (long step = 0; step <= total + 2; step++)
                {
                    Assert.InRange(schedule.At(step, total), 0, 1);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnySchedule_OfABadStep_Throws(string name)
    {
        Schedule schedule = ScheduleCatalog.Create(name);
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.At(-1, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.At(0, 0));
    }

    [Fact]
    public void Constant_IsOne() => Assert.All(Curve(new ConstantSchedule(), 50), static value => Assert.Equal(1, value));

    /// <summary>StepLR as PyTorch defines it: multiply by γ whenever the step is a multiple of the size.</summary>
    [Fact]
    public void Step_FallsAsStepLR()
    {
        double rate = 1;
        double[] curve = Curve(new StepSchedule { StepSize = 10, Gamma = 0.5 }, 35);
        for (int step = 0; step < 35; step++)
        {
            rate *= step > 0 && step % 10 == 0 ? 0.5 : 1;
            Assert.Equal(rate, curve[step], Exact);
        }
    }

    [Theory]
    [InlineData(90, 30)]
    [InlineData(100, 34)]
    [InlineData(2, 1)]
    public void Step_WithoutASize_FallsEveryThird(int total, int third)
    {
        double[] curve = Curve(new StepSchedule(), total);
        Assert.Equal(1, curve[third - 1]);
        Assert.Equal(0.1, curve[third], Exact);
    }

    [Fact]
    public void MultiStep_FallsAtEveryMilestone()
    {
        double[] curve = Curve(new MultiStepSchedule { Milestones = [5, 3, 8], Gamma = 0.5 }, 10);
        Assert.Equal([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125], curve);
    }

    /// <summary>ExponentialLR: multiply by γ every step.</summary>
    [Fact]
    public void Exponential_WithAFactor_FallsAsExponentialLR()
    {
        double rate = 1;
        foreach (double value in Curve(new ExponentialSchedule { Gamma = 0.97 }, 60))
        {
            Assert.Equal(rate, value, Exact);
            rate *= 0.97;
        }
    }

    [Fact]
    public void Exponential_WithoutAFactor_EndsAtTheFinalRatio() =>
        Assert.Equal([1, 0.1, 0.01], ((long[])[0, 50, 100]).Select(static step => Math.Round(new ExponentialSchedule().At(step, 100), 12)));

    /// <summary>PolynomialLR in PyTorch's recursive form.</summary>
    [Fact]
    public void Polynomial_FallsAsPolynomialLR()
    {
        const int total = 40;
        const double power = 1.7;
        double rate = 1;
        PolynomialSchedule schedule = new() { Power = power };
        for (int step = 0; step <= total; step++)
        {
            rate *= step == 0 ? 1 : Math.Pow((1 - ((double)step / total)) / (1 - ((double)(step - 1) / total)), power);
            Assert.Equal(rate, schedule.At(step, total), Exact);
        }
    }

    /// <summary>CosineAnnealingLR in PyTorch's recursive form.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Cosine_FallsAsCosineAnnealingLR(double final)
    {
        const int total = 50;
        double rate = 1;
        CosineSchedule schedule = new() { FinalRatio = final };
        for (int step = 0; step <= total; step++)
        {
            rate = step == 0
                ? 1
                : ((1 + Math.Cos(Math.PI * step / total)) / (1 + Math.Cos(Math.PI * (step - 1) / total)) * (rate - final)) + final;
            Assert.Equal(rate, schedule.At(step, total), 1e-9);
        }
    }

    /// <summary>OneCycleLR(total_steps=100): rates 0.04 at the start, 1 at step 29, 4e-6 at step 99, half way up at 14.5.</summary>
    [Fact]
    public void OneCycle_RisesAndFallsAsOneCycleLR()
    {
        double[] curve = Curve(new OneCycleSchedule(), 100);
        Assert.Equal(0.04, curve[0], Exact);
        Assert.Equal(1, curve[29], Exact);
        Assert.Equal(4e-6, curve[99], Exact);
        Assert.Equal(0.04 + ((1 - 0.04) / 2 * (1 + Math.Cos(Math.PI * (1 - (10.0 / 29))))), curve[10], Exact);
        Assert.Equal((1 + 4e-6) / 2, curve[64], Exact);
        Assert.Equal(Enumerable.Range(0, 100).OrderBy(step => Math.Abs(step - 29)).First(), Array.IndexOf(curve, curve.Max()));
    }

    [Theory]
    [InlineData(DecayShape.Linear, 0.5, 0)]
    [InlineData(DecayShape.Linear, 0.55, 0.1)]
    [InlineData(DecayShape.Cosine, 0.5, 0)]
    [InlineData(DecayShape.OneMinusSqrt, 0.29289321881345254, 0)]
    public void WarmupStableDecay_StaysThenFalls(DecayShape shape, double halfWay, double final)
    {
        WarmupStableDecaySchedule schedule = new() { Shape = shape, FinalRatio = final, WarmupSteps = 100 };
        Assert.Equal(1, schedule.At(100, 1100));
        Assert.Equal(1, schedule.At(900, 1100));
        Assert.True(schedule.At(901, 1100) < 1);
        Assert.Equal(halfWay, schedule.At(1000, 1100), Exact);
        Assert.Equal(final, schedule.At(1100, 1100), Exact);
    }

    [Fact]
    public void WarmupStableDecay_WithoutADecay_IsConstant() =>
        Assert.All(Curve(new WarmupStableDecaySchedule { DecayFraction = 0 }, 20), static value => Assert.Equal(1, value));

    private static double[] Curve(Schedule schedule, int total) => [.. Enumerable.Range(0, total).Select(step => schedule.At(step, total))];
}
