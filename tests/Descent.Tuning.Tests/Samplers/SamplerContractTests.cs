using Descent.Testing;
using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests.Samplers;

/// <summary>Every sampler of the catalog that needs no file keeps the contract.</summary>
public sealed class SamplerContractTests
{
    public static TheoryData<string, string> Cases =>
        [.. SamplerCatalog.Names.Where(static name => name != "replay").Append("tpe(multivariate=true, group=false)").SelectMany(static sampler => SamplerContract.Names.Select(check => new TheoryDataRow<string, string>(sampler, check)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void CatalogSampler_KeepsTheContract(string sampler, string check) => SamplerContract.Check(check, () => SamplerCatalog.Create(sampler));
}
