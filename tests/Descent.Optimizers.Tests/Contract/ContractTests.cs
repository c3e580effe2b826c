using Descent.Testing;

namespace Descent.Optimizers.Tests.Contract;

public sealed class ContractTests
{
    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (string subject in Subjects.All.Keys)
        {
            foreach (string check in OptimizerContract.Names)
            {
                cases.Add(subject, check);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryRule_KeepsTheContract(string subject, string check) => OptimizerContract.Check(check, Subjects.All[subject]);
}
