using Descent.Optimizers;
using Descent.Testing.Checks;

namespace Descent.Testing;

/// <summary>What every rule for matrices has to keep to, in place of <see cref="OptimizerContract"/>, as named checks that any test framework can list and run.</summary>
/// <remarks>
/// Matrices are small and run in plain loops, by <see cref="MatrixOptimizer{T}"/>. Give options whose periods (redraws, refreshes) are short, so that the
/// dozen steps of a check pass over several of them.
/// </remarks>
/// <example>
/// <code>
/// MatrixContract.CheckAll(new MuonOptions { Nesterov = false });
/// </code>
/// </example>
public static class MatrixContract
{
    private static readonly (string Name, Action<MatrixOptions> Run)[] Checks =
    [
        ("describes_itself", MatrixStateChecks.DescribesItself),
        ("states_have_their_names_and_shapes", MatrixStateChecks.StatesHaveTheirNamesAndShapes),
        ("resume_equals_uninterrupted", MatrixStateChecks.ResumeEqualsUninterrupted),
        ("zero_gradient_only_decays", MatrixChecks.ZeroGradientOnlyDecays),
        ("maximize_mirrors_minimize", MatrixChecks.MaximizeMirrorsMinimize),
        ("scale_comes_before_the_rule", MatrixChecks.ScaleComesBeforeTheRule),
        ("non_finite_gradient_stays_visible", MatrixChecks.NonFiniteGradientStaysVisible),
        ("matrices_of_a_batch_are_independent", MatrixStateChecks.MatricesOfABatchAreIndependent),
        ("same_bits_on_any_threads", MatrixChecks.SameBitsOnAnyThreads),
        ("quadratic_goes_down", MatrixChecks.QuadraticGoesDown),
    ];

    /// <summary>The names of all checks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Checks.Select(static check => check.Name)];

    /// <summary>Runs one check.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <param name="options">The rule.</param>
    /// <exception cref="ContractException">The rule breaks the contract.</exception>
    /// <exception cref="ArgumentException">There is no such check.</exception>
    public static void Check(string name, MatrixOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Action<MatrixOptions> run = Checks.FirstOrDefault(check => check.Name == name).Run
            ?? throw new ArgumentException($"There is no check '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
        run(options);
    }

    /// <summary>Runs every check.</summary>
    /// <param name="options">The rule.</param>
    /// <exception cref="ContractException">The rule breaks the contract.</exception>
    public static void CheckAll(MatrixOptions options)
    {
        foreach (string name in Names)
        {
            Check(name, options);
        }
    }
}
