using Descent.Testing;
using Descent.Tuning.Samplers;

namespace Descent.Tuning.Tests.Samplers;

/// <summary>Every sampler of the catalog, and those that need more than a name, keeps the contract.</summary>
public sealed class SamplerContractTests
{
    public static TheoryData<string, string> Cases =>
        [.. SamplerCatalog.Names.SelectMany(static sampler => SamplerContract.Names.Select(check => new TheoryDataRow<string, string>(sampler, check)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void CatalogSampler_KeepsTheContract(string sampler, string check) => SamplerContract.Check(check, () => SamplerCatalog.Create(sampler));
}
