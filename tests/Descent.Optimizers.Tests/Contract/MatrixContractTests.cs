using Descent.Testing;

namespace Descent.Optimizers.Tests.Contract;

public sealed class MatrixContractTests
{
    /// <summary>Every matrix rule of the catalog, and variants with short periods, so that a check passes over redraws and refreshes.</summary>
    private static readonly Dictionary<string, MatrixOptions> Rules = new(
        OptimizerCatalog.Names.Except(OptimizerCatalog.KernelNames).Select(static name => KeyValuePair.Create(name, (MatrixOptions)OptimizerCatalog.Create(name))))
    {
        ["muon, plain momentum"] = new MuonOptions { Nesterov = false, RateAdjustment = MuonRate.Original },
        ["soap, often refreshed, one-sided"] = new SoapOptions { PreconditionEvery = 2, MaxPreconditionerSize = 5 },
        ["shampoo, early, blocks"] = new ShampooOptions { PreconditionEvery = 3, StartStep = 2, BlockSize = 3 },
        ["shampoo, early, grafted on sgd"] = new ShampooOptions { PreconditionEvery = 2, Grafting = ShampooGrafting.Sgd },
        ["galore, often turned"] = new GaLoreOptions { Rank = 2, ProjectionGap = 3, Scale = 1 },
        ["apollo, often redrawn"] = new ApolloOptions { Rank = 2, ProjectionGap = 3 },
        ["apollo_mini, often redrawn"] = ApolloOptions.Mini with { ProjectionGap = 2, Scale = 1 },
    };

    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (string rule in Rules.Keys)
        {
            foreach (string check in MatrixContract.Names)
            {
                cases.Add(rule, check);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryMatrixRule_KeepsTheContract(string rule, string check) => MatrixContract.Check(check, Rules[rule]);

    [Theory]
    [InlineData("names", "states_have_their_names_and_shapes")]
    [InlineData("hidden state", "resume_equals_uninterrupted")]
    [InlineData("drifts", "zero_gradient_only_decays")]
    [InlineData("forgets maximize", "maximize_mirrors_minimize")]
    [InlineData("scales twice", "scale_comes_before_the_rule")]
    [InlineData("swallows nan", "non_finite_gradient_stays_visible")]
    [InlineData("mixes", "matrices_of_a_batch_are_independent")]
    [InlineData("ascends", "quadratic_goes_down")]
    public void Check_OfABrokenRule_Throws(string fault, string check) =>
        Assert.NotEmpty(Assert.Throws<ContractException>(() => MatrixContract.Check(check, new BrokenMatrixOptions(fault) { LearningRate = 0.1 })).Message);

    [Fact]
    public void Check_OfASoundRule_Passes() => MatrixContract.CheckAll(new BrokenMatrixOptions("none") { LearningRate = 0.1 });

    [Fact]
    public void Check_OfAnUnknownName_NamesTheKnownOnes() =>
        Assert.Contains("quadratic_goes_down", Assert.Throws<ArgumentException>(() => MatrixContract.Check("x", new MuonOptions())).Message, StringComparison.Ordinal);
}
