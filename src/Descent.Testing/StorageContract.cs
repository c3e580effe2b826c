using Descent.Optimizers;
using Descent.Testing.Checks;

namespace Descent.Testing;

/// <summary>What every element-wise optimizer has to keep to when its states are encoded (<see cref="StateFormat"/>) or its parameters are bfloat16.</summary>
/// <example>
/// <code>
/// StorageContract.CheckAll(new MyOptions(), StateFormat.Int8);
/// </code>
/// </example>
public static class StorageContract
{
    private static readonly (string Name, Action<OptimizerOptions, StateFormat> Run)[] Checks =
    [
        ("same_bytes_at_every_width", StorageChecks.SameBytesAtEveryWidth),
        ("same_bytes_on_any_threads", StorageChecks.SameBytesOnAnyThreads),
        ("resume_equals_uninterrupted", StorageChecks.ResumeEqualsUninterrupted),
        ("stays_near_float32", StorageChecks.StaysNearFloat32),
        ("non_finite_gradient_stays_visible", StorageChecks.NonFiniteGradientStaysVisible),
        ("allocates_nothing_after_warm_up", StorageChecks.AllocatesNothingAfterWarmUp),
    ];

    /// <summary>The names of all checks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Checks.Select(static check => check.Name)];

    /// <summary>Runs one check, with parameters of float and of bfloat16.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <param name="options">The optimizer.</param>
    /// <param name="format">How its states are stored.</param>
    /// <exception cref="ContractException">The optimizer breaks the contract.</exception>
    /// <exception cref="ArgumentException">There is no such check.</exception>
    public static void Check(string name, OptimizerOptions options, StateFormat format)
    {
        ArgumentNullException.ThrowIfNull(options);
        Action<OptimizerOptions, StateFormat> run = Checks.FirstOrDefault(check => check.Name == name).Run
            ?? throw new ArgumentException($"There is no check '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
        run(options, format);
    }

    /// <summary>Runs every check.</summary>
    /// <param name="options">The optimizer.</param>
    /// <param name="format">How its states are stored.</param>
    /// <exception cref="ContractException">The optimizer breaks the contract.</exception>
    public static void CheckAll(OptimizerOptions options, StateFormat format)
    {
        foreach (string name in Names)
        {
            Check(name, options, format);
        }
    }

    /// <summary>A fingerprint of parameters, codes and scales: the same wherever the rule runs, see <see cref="OptimizerContract.Digest"/>.</summary>
    /// <param name="options">The optimizer.</param>
    /// <param name="format">How its states are stored.</param>
    public static ulong Digest(OptimizerOptions options, StateFormat format)
    {
        ArgumentNullException.ThrowIfNull(options);
        return StorageChecks.Digest(options, format);
    }
}
