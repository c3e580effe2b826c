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
