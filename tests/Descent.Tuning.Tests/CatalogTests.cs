using Descent.Tuning.Pruners;
using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests;

public sealed class CatalogTests
{
    [Fact]
    public void DefaultSampler_IsTheCatalogsFirst() => Assert.IsType(new StudyOptions().Sampler.GetType(), SamplerCatalog.Create(SamplerCatalog.Names[0]));

    [Fact]
    public void Create_WithOptions_SetsThem()
    {
        TpeSampler tpe = Assert.IsType<TpeSampler>(SamplerCatalog.Create("tpe( multivariate=true , candidates=48, prior_weight=0.5)"));
        Assert.Equal((true, 48, 0.5, true, 10), (tpe.Multivariate, tpe.Candidates, tpe.PriorWeight, tpe.ConstantLiar, tpe.StartupTrials));
        Assert.True(Assert.IsType<CostFrugalSampler>(SamplerCatalog.Create("blend_search")).Blend);
        Assert.Equal(7, Assert.IsType<CmaEsSampler>(SamplerCatalog.Create("cmaes(population=7)")).Population);
        HyperbandPruner hyperband = Assert.IsType<HyperbandPruner>(PrunerCatalog.Create("hyperband(minimum_resource=100,maximum_resource=900)"));
        Assert.Equal((100, 900, 3), (hyperband.MinimumResource, hyperband.MaximumResource, hyperband.ReductionFactor));
        Assert.Equal(9, Assert.IsType<PatientPruner>(PrunerCatalog.Create("patient(pruner=asha(reduction_factor=2), patience=9)")).Patience);
    }

    [Theory]
    [InlineData("tpo", "There is no sampler 'tpo'. Known: portfolio, random, ")]
    [InlineData("tpe(", "no closing parenthesis")]
    [InlineData("tpe(candidates)", "'candidates' where option=value is needed")]
    [InlineData("tpe(candidates=48,candidates=4)", "the option 'candidates' twice")]
    [InlineData("tpe(candidates=many)", "candidates is 'many'; allowed: a whole number")]
    [InlineData("tpe(candidates=0)", "Candidates is 0; allowed: from 1 to 10000.")]
    [InlineData("tpe(candidate=48)", "tpe has no option 'candidate'; it has: multivariate, group, constant_liar, candidates,")]
    [InlineData("random(x=1)", "random has no option 'x'; it has none")]
    [InlineData("replay", "replay needs the file of a schedule")]
    public void Create_OfWhatIsNone_IsOneSentence(string text, string expected)
    {
        string message = Assert.Throws<ArgumentException>(() => SamplerCatalog.Create(text)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
