using Descent.Optimizers;

namespace Descent.Training.Folds;

/// <summary>The kinds of folds a run file can name.</summary>
public static class FoldCatalog
{
    private static readonly (string Name, Func<FoldOptions> Create)[] Entries =
    [
        ("k_fold", static () => new KFoldOptions()),
        ("stratified_k_fold", static () => new StratifiedKFoldOptions()),
        ("group_k_fold", static () => new GroupKFoldOptions()),
        ("stratified_group_k_fold", static () => new StratifiedGroupKFoldOptions()),
        ("time_series_split", static () => new TimeSeriesSplitOptions()),
    ];

    /// <summary>The names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>The options of a kind of folds with their defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such kind; the message names the nearest one.</exception>
    public static FoldOptions Create(string name) =>
        Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke()
            ?? throw NearestName.Unknown("kind of folds", name, Names);
}
