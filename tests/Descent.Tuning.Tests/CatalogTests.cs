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
    [InlineData("tpe(multivariate=yes)", "multivariate is 'yes'; allowed: true or false")]
    [InlineData("tpe(prior_weight=heavy)", "prior_weight is 'heavy'; allowed: a number")]
    [InlineData("cmaes(population=6.5)", "population is '6.5'; allowed: a whole number")]
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

    /// <summary>Options are called as properties are: whoever renames a property renames what stands in people's command lines and run files.</summary>
    [Theory]
    [InlineData("portfolio", "gaussian_process_trials")]
    [InlineData("grid", "points, most_values")]
    [InlineData("sobol", "seed")]
    [InlineData("tpe", "multivariate, group, constant_liar, candidates, startup_trials, prior_weight")]
    [InlineData("tpe_multivariate", "multivariate, group, constant_liar, candidates, startup_trials, prior_weight")]
    [InlineData("gp", "startup_trials, maximum_trials")]
    [InlineData("cmaes", "population, initial_deviation, population_factor")]
    [InlineData("cfo", "first_stride, cheap.NAME")]
    [InlineData("blend_search", "first_stride, cheap.NAME")]
    [InlineData("nsga2", "population, crossover_probability, crossover_index, mutation_index, mutation_probability")]
    [InlineData("pbt", "population, quantile, factor, resample_probability")]
    [InlineData("median", "minimum_trials, warmup_steps, interval")]
    [InlineData("percentile", "percentile, minimum_trials, warmup_steps, interval")]
    [InlineData("patient", "pruner, patience, minimum_delta")]
    [InlineData("threshold", "lower, upper, warmup_steps, interval")]
    [InlineData("asha", "minimum_resource, reduction_factor, early_stopping_rate")]
    [InlineData("hyperband", "minimum_resource, maximum_resource, reduction_factor")]
    [InlineData("wilcoxon", "threshold, minimum_folds")]
    public void Create_WithAnUnknownOption_NamesThoseThatThereAre(string name, string expected)
    {
        string message = Assert.Throws<ArgumentException>(() => _ = PrunerCatalog.Names.Contains(name) ? (object)PrunerCatalog.Create($"{name}(x=1)") : SamplerCatalog.Create($"{name}(x=1)")).Message;

        Assert.EndsWith($"{name} has no option 'x'; it has: {expected}.", message);
    }
}
