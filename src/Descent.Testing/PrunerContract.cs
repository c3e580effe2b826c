using Descent.Testing.Checks;
using Descent.Tuning;

namespace Descent.Testing;

/// <summary>What every pruner has to keep to, as named checks that any test framework can list and run.</summary>
/// <example>
/// <code>
/// public static TheoryData&lt;string&gt; Checks => [.. PrunerContract.Names];
///
/// [Theory, MemberData(nameof(Checks))]
/// public void MyPruner_KeepsTheContract(string check) => PrunerContract.Check(check, new MyPruner());
/// </code>
/// </example>
public static class PrunerContract
{
    private static readonly (string Name, Action<IPruner> Run)[] Checks =
    [
        ("goes_on_without_evidence", PrunerChecks.GoesOnWithoutEvidence),
        ("never_stops_the_best", PrunerChecks.NeverStopsTheBest),
        ("is_a_function_of_the_history", PrunerChecks.IsAFunctionOfTheHistory),
        ("maximize_mirrors_minimize", PrunerChecks.MaximizeMirrorsMinimize),
        ("works_with_values_that_are_no_numbers", PrunerChecks.WorksWithValuesThatAreNoNumbers),
        ("works_with_steps_of_any_size", PrunerChecks.WorksWithStepsOfAnySize),
    ];

    /// <summary>The names of all checks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Checks.Select(static check => check.Name)];

    /// <summary>Runs one check.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <param name="pruner">The pruner. One that judges values by themselves, such as by bounds, has to let the values of the checks (1.5 to 3) pass.</param>
    /// <exception cref="ContractException">The pruner breaks the contract.</exception>
    /// <exception cref="ArgumentException">There is no such check.</exception>
    public static void Check(string name, IPruner pruner)
    {
        ArgumentNullException.ThrowIfNull(pruner);
        Action<IPruner> run = Checks.FirstOrDefault(check => check.Name == name).Run
            ?? throw new ArgumentException($"There is no check '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
        run(pruner);
    }

    /// <summary>Runs every check.</summary>
    /// <param name="pruner">The pruner.</param>
    /// <exception cref="ContractException">The pruner breaks the contract.</exception>
    public static void CheckAll(IPruner pruner)
    {
        foreach (string name in Names)
        {
            Check(name, pruner);
        }
    }
}
