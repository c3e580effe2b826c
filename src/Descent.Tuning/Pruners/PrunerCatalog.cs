namespace Descent.Tuning.Pruners;

/// <summary>The pruners that a command line or a run file can name.</summary>
public static class PrunerCatalog
{
    private static readonly (string Name, Func<IPruner> Create)[] Entries =
    [
        ("median", static () => new MedianPruner()),
        ("percentile", static () => new PercentilePruner()),
        ("patient", static () => new PatientPruner(new MedianPruner())),
        ("threshold", static () => new ThresholdPruner()),
        ("successive_halving", static () => new SuccessiveHalvingPruner()),
        ("hyperband", static () => new HyperbandPruner()),
        ("wilcoxon", static () => new WilcoxonPruner()),
    ];

    /// <summary>The names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A pruner with its defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such pruner.</exception>
    public static IPruner Create(string name) => Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke()
        ?? throw new ArgumentException($"There is no pruner '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
}
