using Descent.Optimizers;

namespace Descent.Training.Models;

/// <summary>The models a run file can name.</summary>
public static class ModelCatalog
{
    private static readonly (string Name, Func<ModelOptions> Create)[] Entries =
    [
        ("gpt", static () => new GptOptions()),
        ("mlp", static () => new MlpOptions()),
        ("cnn", static () => new CnnOptions()),
    ];

    /// <summary>The names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A model's options with their defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such model; the message names the nearest one.</exception>
    public static ModelOptions Create(string name) =>
        Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke()
            ?? throw NearestName.Unknown("model", name, Names);
}
