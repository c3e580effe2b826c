using Descent.Testing;
using Descent.Tuning.Pruners;

namespace Descent.Tuning.Tests.Pruners;

/// <summary>Every pruner of the catalog keeps the contract.</summary>
public sealed class PrunerContractTests
{
    public static TheoryData<string, string> Cases =>
        [.. PrunerCatalog.Names.SelectMany(static pruner => PrunerContract.Names.Select(check => new TheoryDataRow<string, string>(pruner, check)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void CatalogPruner_KeepsTheContract(string pruner, string check) => PrunerContract.Check(check, PrunerCatalog.Create(pruner));
}
