namespace Descent.Optimizers.Tests.Rules;

public sealed class OptionsTests
{
    /// <summary>PyTorch 2.10's defaults.</summary>
    [Fact]
    public void Defaults_ArePyTorchs()
    {
        Assert.Equal((1e-3, 0.0), Rates(new SgdOptions()));
        Assert.Equal((1e-3, 0.0), Rates(new MomentumOptions()));
        Assert.Equal((1e-2, 0.0), Rates(new AdagradOptions()));
        Assert.Equal((1e-2, 0.0), Rates(new RmsPropOptions()));
        Assert.Equal((1e-3, 0.0), Rates(new AdamOptions()));
        Assert.Equal((1e-3, 1e-2), Rates(new AdamWOptions()));
        Assert.Equal((0.0, 0.0, 1e-10), (new AdagradOptions().LearningRateDecay, new AdagradOptions().InitialAccumulator, new AdagradOptions().Epsilon));
        Assert.Equal((0.99, 1e-8, 0.0, false), (new RmsPropOptions().Alpha, new RmsPropOptions().Epsilon, new RmsPropOptions().Momentum, new RmsPropOptions().Centered));
        Assert.Equal((0.9, 0.999, 1e-8, false), (new AdamOptions().Beta1, new AdamOptions().Beta2, new AdamOptions().Epsilon, new AdamOptions().AmsGrad));
        Assert.Equal((0.9, 0.999, 1e-8, false), (new AdamWOptions().Beta1, new AdamWOptions().Beta2, new AdamWOptions().Epsilon, new AdamWOptions().AmsGrad));
        Assert.Equal((1, 0), Rates(new AdadeltaOptions()));
        Assert.Equal((2e-3, 0), Rates(new AdamaxOptions()));
        Assert.Equal((2e-3, 0), Rates(new NAdamOptions()));
        Assert.Equal((1e-3, 0), Rates(new RAdamOptions()));
        Assert.Equal((1e-2, 0), Rates(new RpropOptions()));
        Assert.Equal((1e-2, 1e-4), Rates(new AsgdOptions())); // λ: PyTorch's lambd
        Assert.Equal((0.9, 1e-6), (new AdadeltaOptions().Rho, new AdadeltaOptions().Epsilon));
        Assert.Equal((0.9, 0.999, 1e-8), (new AdamaxOptions().Beta1, new AdamaxOptions().Beta2, new AdamaxOptions().Epsilon));
        Assert.Equal((0.9, 0.999, 1e-8, 4e-3), (new NAdamOptions().Beta1, new NAdamOptions().Beta2, new NAdamOptions().Epsilon, new NAdamOptions().MomentumDecay));
        Assert.Equal((0.9, 0.999, 1e-8), (new RAdamOptions().Beta1, new RAdamOptions().Beta2, new RAdamOptions().Epsilon));
        Assert.Equal((0.5, 1.2, 1e-6, 50), (new RpropOptions().Shrink, new RpropOptions().Grow, new RpropOptions().MinimumStep, new RpropOptions().MaximumStep));
        Assert.Equal((1e-4, 0.75, 1e6), (new AsgdOptions().RateDecay, new AsgdOptions().Power, new AsgdOptions().AveragingStart));
    }

    /// <summary>The defaults of the authors' own code.</summary>
    [Fact]
    public void Defaults_AreTheAuthors()
    {
        Assert.Equal((1e-4, 0), Rates(new LionOptions()));
        Assert.Equal((0.9, 0.99), (new LionOptions().Beta1, new LionOptions().Beta2));
        Assert.Equal((1e-3, 0), Rates(new AdEMAMixOptions()));
        Assert.Equal((0.9, 0.999, 0.9999, 1e-8), (new AdEMAMixOptions().Beta1, new AdEMAMixOptions().Beta2, new AdEMAMixOptions().Beta3, new AdEMAMixOptions().Epsilon));
        Assert.Equal((1e-3, 0), Rates(new AdoptOptions()));
        Assert.Equal((0.9, 0.9999, 1e-6), (new AdoptOptions().Beta1, new AdoptOptions().Beta2, new AdoptOptions().Epsilon));
        Assert.Equal((1e-3, 1e-2), Rates(new CautiousAdamWOptions()));
        Assert.Equal((0.9, 0.999, 1e-8), (new CautiousAdamWOptions().Beta1, new CautiousAdamWOptions().Beta2, new CautiousAdamWOptions().Epsilon));
        Assert.Equal((1e-3, 0), Rates(new AdanOptions()));
        Assert.Equal((0.98, 0.92, 0.99, 1e-8), (new AdanOptions().Beta1, new AdanOptions().Beta2, new AdanOptions().Beta3, new AdanOptions().Epsilon));
    }

    [Fact]
    public void States_AreNamedAsInPyTorch()
    {
        Assert.Empty(Names(new SgdOptions()));
        Assert.Equal(["momentum_buffer"], Names(new MomentumOptions()));
        Assert.Equal(["sum"], Names(new AdagradOptions()));
        Assert.Equal(["square_avg"], Names(new RmsPropOptions()));
        Assert.Equal(["square_avg", "grad_avg", "momentum_buffer"], Names(new RmsPropOptions { Centered = true, Momentum = 0.9 }));
        Assert.Equal(["exp_avg", "exp_avg_sq"], Names(new AdamWOptions()));
        Assert.Equal(["exp_avg", "exp_avg_sq", "max_exp_avg_sq"], Names(new AdamOptions { AmsGrad = true }));
        Assert.Equal(["square_avg", "acc_delta"], Names(new AdadeltaOptions()));
        Assert.Equal(["exp_avg", "exp_inf"], Names(new AdamaxOptions()));
        Assert.Equal(["exp_avg", "exp_avg_sq"], Names(new NAdamOptions()));
        Assert.Equal(["exp_avg", "exp_avg_sq"], Names(new RAdamOptions()));
        Assert.Equal(["prev", "step_size"], Names(new RpropOptions()));
        Assert.Equal(0.25, new RpropOptions { LearningRate = 0.25 }.State[1].InitialValue);
    }

    public static TheoryData<string, Func<object>> BadSettings => new()
    {
        { "LearningRate is -1", static () => new SgdOptions { LearningRate = -1 } },
        { "LearningRate is NaN", static () => new AdamOptions { LearningRate = double.NaN } },
        { "WeightDecay is Infinity", static () => new AdamWOptions { WeightDecay = double.PositiveInfinity } },
        { "Beta is 1", static () => new EmaMomentumOptions { Beta = 1 } },
        { "Dampening is 1.5", static () => new MomentumOptions { Dampening = 1.5 } },
        { "Beta is -0.1", static () => new EmaMomentumOptions { Beta = -0.1 } },
        { "Epsilon is -1E-08", static () => new AdagradOptions { Epsilon = -1e-8 } },
        { "Alpha is 1", static () => new RmsPropOptions { Alpha = 1 } },
        { "Beta1 is 1", static () => new AdamOptions { Beta1 = 1 } },
        { "Beta2 is NaN", static () => new AdamWOptions { Beta2 = double.NaN } },
        { "Epsilon is 0", static () => new AdadeltaOptions { Epsilon = 0 } },
        { "Epsilon is 0", static () => new AdoptOptions { Epsilon = 0 } },
        { "Grow is 1", static () => new RpropOptions { Grow = 1 } },
        { "Shrink is 1", static () => new RpropOptions { Shrink = 1 } },
        { "MaximumStep is 0", static () => new RpropOptions { MaximumStep = 0 } },
        { "AveragingStart is -1", static () => new AsgdOptions { AveragingStart = -1 } },
        { "MomentumDecay is -1", static () => new NAdamOptions { MomentumDecay = -1 } },
        { "AlphaWarmupSteps is -1", static () => new AdEMAMixOptions { AlphaWarmupSteps = -1 } },
        { "Beta3 is 1", static () => new AdanOptions { Beta3 = 1 } },
        { "WarmupSteps is -1", static () => new CosineSchedule { WarmupSteps = -1 } },
        { "Factor is 1", static () => new ReduceOnPlateauSchedule { Factor = 1 } },
        { "Milestones is 0", static () => new MultiStepSchedule { Milestones = [5, 0] } },
        { "DecayFraction is 2", static () => new WarmupStableDecaySchedule { DecayFraction = 2 } },
    };

    [Theory]
    [MemberData(nameof(BadSettings))]
    public void Setting_OutsideItsRange_IsRefusedWithNameAndValue(string beginning, Func<object> create)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(create);
        Assert.StartsWith(beginning, error.Message, StringComparison.Ordinal);
        Assert.Contains("allowed: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rprop_WithItsLeastStepAboveItsMost_SaysSo() =>
        Assert.Contains("MinimumStep 2 is above MaximumStep 1", Assert.Throws<InvalidOperationException>(
            () => new RpropOptions { MinimumStep = 2, MaximumStep = 1 }.CreateKernel()).Message, StringComparison.Ordinal);

    [Fact]
    public void Catalog_KnowsEveryKindByItsOwnName()
    {
        foreach (string name in OptimizerCatalog.Names)
        {
            OptimizerOptions options = OptimizerCatalog.Create(name);
            Assert.Equal(options, OptimizerCatalog.Create(options.Kind));
        }

        Assert.All(ScheduleCatalog.Names, static name => Assert.Equal(name, ScheduleCatalog.Create(name).Kind));
    }

    [Theory]
    [InlineData("admw", "adamw")]
    [InlineData("RMSProp", "rmsprop")]
    [InlineData("nestorov", "nesterov")]
    public void Catalog_OfAnUnknownName_NamesTheNearest(string wrong, string meant) =>
        Assert.Contains($"did you mean '{meant}'", Assert.Throws<ArgumentException>(() => OptimizerCatalog.Create(wrong)).Message, StringComparison.Ordinal);

    [Fact]
    public void ScheduleCatalog_OfAnUnknownName_NamesTheNearest() =>
        Assert.Contains("did you mean 'cosine'", Assert.Throws<ArgumentException>(() => ScheduleCatalog.Create("cosin")).Message, StringComparison.Ordinal);

    private static (double Rate, double Decay) Rates(OptimizerOptions options) => (options.LearningRate, options.WeightDecay);

    private static IEnumerable<string> Names(OptimizerOptions options) => options.State.Select(static state => state.Name);
}
