using Descent.Optimizers;
using Descent.Testing.Checks;

namespace Descent.Testing;

/// <summary>
/// What every optimizer has to keep to, as named checks that any test framework can list and run.
/// </summary>
/// <example>
/// <code>
/// public static TheoryData&lt;string&gt; Checks => [.. OptimizerContract.Names];
///
/// [Theory, MemberData(nameof(Checks))]
/// public void MyRule_KeepsTheContract(string check) => OptimizerContract.Check(check, new MyOptions());
/// </code>
/// </example>
public static class OptimizerContract
{
    private static readonly (string Name, Action<OptimizerOptions> Run)[] Checks =
    [
        ("describes_itself", ResultChecks.DescribesItself),
        ("same_bits_at_every_width", WidthChecks.SameBitsAtEveryWidth),
        ("same_bits_from_unaligned_memory", WidthChecks.SameBitsFromUnalignedMemory),
        ("apply_equals_update", WidthChecks.ApplyEqualsUpdate),
        ("agrees_with_float64", ResultChecks.AgreesWithFloat64),
        ("clipping_comes_before_the_rule", ClippingChecks.ComesBeforeTheRule),
        ("zero_gradient_keeps_parameters", ResultChecks.ZeroGradientKeepsParameters),
        ("maximize_mirrors_minimize", ResultChecks.MaximizeMirrorsMinimize),
        ("non_finite_gradient_stays_in_its_element", ResultChecks.NonFiniteGradientStaysInItsElement),
        ("rosenbrock_goes_down", ResultChecks.RosenbrockGoesDown),
        ("same_bits_on_any_threads", RunChecks.SameBitsOnAnyThreads),
        ("empty_lists_and_tensors_are_fine", RunChecks.EmptyListsAndTensorsAreFine),
        ("resume_equals_uninterrupted", RunChecks.ResumeEqualsUninterrupted),
        ("allocates_nothing_after_warm_up", RunChecks.AllocatesNothingAfterWarmUp),
    ];

    /// <summary>The names of all checks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Checks.Select(static check => check.Name)];

    /// <summary>Runs one check.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <param name="options">The optimizer.</param>
    /// <exception cref="ContractException">The optimizer breaks the contract.</exception>
    /// <exception cref="ArgumentException">There is no such check.</exception>
    public static void Check(string name, OptimizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Action<OptimizerOptions> run = Checks.FirstOrDefault(check => check.Name == name).Run
            ?? throw new ArgumentException($"There is no check '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
        run(options);
    }

    /// <summary>Runs every check.</summary>
    /// <param name="options">The optimizer.</param>
    /// <exception cref="ContractException">The optimizer breaks the contract.</exception>
    public static void CheckAll(OptimizerOptions options)
    {
        foreach (string name in Names)
        {
            Check(name, options);
        }
    }

    /// <summary>
    /// A fingerprint of the bits that a rule computes. Compare it between processes with other instruction sets switched off, or
    /// between machines: it is the same wherever the rule is.
    /// </summary>
    /// <param name="options">The optimizer.</param>
    public static ulong Digest(OptimizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return WidthChecks.Digest(options);
    }
}
