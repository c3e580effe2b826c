using Descent.Optimizers;

namespace Descent.Training.Data;

/// <summary>The kinds of data a run file can name.</summary>
public static class DataCatalog
{
    private static readonly (string Name, Func<DataOptions> Create)[] Entries =
    [
        ("text", static () => new TextDataOptions()),
        ("csv", static () => new CsvDataOptions()),
        ("images", static () => new ImageDataOptions()),
    ];

    /// <summary>The names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>The options of a kind of data with their defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such kind; the message names the nearest one.</exception>
    public static DataOptions Create(string name) =>
        Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke()
            ?? throw NearestName.Unknown("kind of data", name, Names);
}
