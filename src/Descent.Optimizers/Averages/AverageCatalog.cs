namespace Descent.Optimizers;

/// <summary>Every average of weights by name: an explicit list, one line each.</summary>
public static class AverageCatalog
{
    private static readonly (string Name, Func<AverageOptions> Create)[] Entries =
    [
        ("none", static () => new NoAverageOptions()),
        ("ema", static () => new EmaOptions()),
        ("swa", static () => new SwaOptions()),
    ];

    /// <summary>The names, simplest first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>An average with default settings.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such average; the message names the nearest one.</exception>
    public static AverageOptions Create(string name) =>
        Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke() ?? throw NearestName.Unknown("average", name, Names);
}
