using Descent.Optimizers;

namespace Descent.Torch;

/// <summary>A parameter group in a file: its settings, and which parameters it has.</summary>
/// <param name="Settings">
/// The settings under PyTorch's names (<c>lr</c>, <c>betas</c> …): numbers, booleans, and tuples as arrays. Those that PyTorch adds for itself (<c>foreach</c> …) are
/// there too.
/// </param>
/// <param name="Parameters">The numbers of its parameters.</param>
public sealed record SavedGroup(IReadOnlyDictionary<string, object?> Settings, IReadOnlyList<int> Parameters)
{
    /// <summary>The rule and its settings as Descent prints them; null in files of PyTorch and TorchSharp.</summary>
    public string? Rule { get; init; }

    /// <summary>These settings put over the options of a rule: for going on with the run's own rate, betas and decay.</summary>
    /// <param name="options">The rule, and the value of every setting that the file hasn't.</param>
    /// <typeparam name="TOptions">The options' type.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">A setting of the file is outside the rule's range.</exception>
    /// <example><code>
    /// using SavedOptimizer saved = SavedOptimizer.Open("optimizer.pt");
    /// using FusedOptimizer optimizer = FusedOptimizer.Create(model.named_parameters(), saved.Groups[0].Over(new AdamWOptions()));
    /// optimizer.Load(saved);
    /// </code></example>
    public TOptions Over<TOptions>(TOptions options) where TOptions : OptimizerOptions
    {
        ArgumentNullException.ThrowIfNull(options);
        return (TOptions)TorchSettings.Over(options, Settings);
    }
}
