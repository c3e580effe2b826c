using Descent.Testing;

namespace Descent.Optimizers.Tests.Contract;

public sealed class ContractFindsFaultsTests
{
    [Theory]
    [InlineData("names", "describes_itself")]
    [InlineData("width", "same_bits_at_every_width")]
    [InlineData("width", "same_bits_from_unaligned_memory")]
    [InlineData("cancels", "agrees_with_float64")]
    [InlineData("scales twice", "clipping_comes_before_the_rule")]
    [InlineData("drifts", "zero_gradient_keeps_parameters")]
    [InlineData("hidden state", "resume_equals_uninterrupted")]
    [InlineData("ascends", "rosenbrock_goes_down")]
    [InlineData("allocates", "allocates_nothing_after_warm_up")]
    public void Check_OfABrokenRule_Throws(string fault, string check)
    {
        ContractException error = Assert.Throws<ContractException>(
            () => OptimizerContract.Check(check, new BrokenOptions(fault) { LearningRate = 0.1 }));
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void Check_OfASoundRule_Passes() => OptimizerContract.CheckAll(new BrokenOptions("none") { LearningRate = 0.1 });

    [Fact]
    public void Check_OfAnUnknownName_NamesTheKnownOnes() =>
        Assert.Contains("rosenbrock_goes_down", Assert.Throws<ArgumentException>(() => OptimizerContract.Check("x", new SgdOptions())).Message, StringComparison.Ordinal);
}
