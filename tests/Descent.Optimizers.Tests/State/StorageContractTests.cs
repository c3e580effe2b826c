using Descent.Testing;

namespace Descent.Optimizers.Tests.State;

public sealed class StorageContractTests
{
    public static TheoryData<string, StateFormat> Cases()
    {
        TheoryData<string, StateFormat> cases = [];
        foreach (string subject in Subjects.All.Where(static pair => pair.Value.Scope == UpdateScope.Element).Select(static pair => pair.Key))
        {
            foreach (StateFormat format in Enum.GetValues<StateFormat>())
            {
                cases.Add(subject, format);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryRule_WithEveryStorage_KeepsTheContract(string subject, StateFormat format) => StorageContract.CheckAll(Subjects.All[subject], format);

    [Fact]
    public void Check_OfARuleThatHidesState_Throws() =>
        Assert.Throws<ContractException>(() => StorageContract.Check("resume_equals_uninterrupted", new Contract.BrokenOptions("hidden state") { LearningRate = 0.1 }, StateFormat.Int8));
}
