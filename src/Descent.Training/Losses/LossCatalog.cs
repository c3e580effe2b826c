using Descent.Optimizers;
using Descent.Training.Data;

namespace Descent.Training.Losses;

/// <summary>The losses a run file can name.</summary>
public static class LossCatalog
{
    private static readonly (string Name, Func<LossOptions> Create)[] Entries =
    [
        ("cross_entropy", static () => new CrossEntropyOptions()),
        ("mean_squared_error", static () => new MeanSquaredErrorOptions()),
        ("huber", static () => new HuberOptions()),
        ("sum", static () => new SumOptions()),
    ];

    /// <summary>The names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A loss's options with their defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such loss; the message names the nearest one.</exception>
    public static LossOptions Create(string name) =>
        Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke()
            ?? throw NearestName.Unknown("loss", name, Names);

    /// <summary>The loss a task is trained with when a run names none.</summary>
    /// <param name="task">The task.</param>
    public static LossOptions DefaultFor(TaskKind task) => Create(task == TaskKind.Regression ? "mean_squared_error" : "cross_entropy");
}
