using Descent.Testing.Checks;
using Descent.Tuning;

namespace Descent.Testing;

/// <summary>What every sampler has to keep to, as named checks that any test framework can list and run.</summary>
/// <example>
/// <code>
/// public static TheoryData&lt;string&gt; Checks => [.. SamplerContract.Names];
///
/// [Theory, MemberData(nameof(Checks))]
/// public void MySampler_KeepsTheContract(string check) => SamplerContract.Check(check, () => new MySampler());
/// </code>
/// </example>
public static class SamplerContract
{
    private static readonly (string Name, Action<Func<ISampler>> Run)[] Checks =
    [
        ("proposes_points_of_the_space", SamplerChecks.ProposesPointsOfTheSpace),
        ("works_with_every_end_of_trials", SamplerChecks.WorksWithEveryEndOfTrials),
        ("works_when_all_trials_end_alike", SamplerChecks.WorksWhenAllTrialsEndAlike),
        ("works_with_several_objectives", SamplerChecks.WorksWithSeveralObjectives),
        ("works_with_parallel_trials", SamplerChecks.WorksWithParallelTrials),
        ("works_after_many_foreign_trials", SamplerChecks.WorksAfterManyForeignTrials),
        ("remembers_nothing_that_matters", SamplerChecks.RemembersNothingThatMatters),
        ("keeps_studies_apart", SamplerChecks.KeepsStudiesApart),
        ("maximize_mirrors_minimize", SamplerChecks.MaximizeMirrorsMinimize),
    ];

    /// <summary>The names of all checks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Checks.Select(static check => check.Name)];

    /// <summary>Runs one check.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <param name="create">Makes a sampler; is called several times.</param>
    /// <exception cref="ContractException">The sampler breaks the contract.</exception>
    /// <exception cref="ArgumentException">There is no such check.</exception>
    public static void Check(string name, Func<ISampler> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Action<Func<ISampler>> run = Checks.FirstOrDefault(check => check.Name == name).Run
            ?? throw new ArgumentException($"There is no check '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
        run(create);
    }

    /// <summary>Runs every check.</summary>
    /// <param name="create">Makes a sampler; is called several times.</param>
    /// <exception cref="ContractException">The sampler breaks the contract.</exception>
    public static void CheckAll(Func<ISampler> create)
    {
        foreach (string name in Names)
        {
            Check(name, create);
        }
    }
}
