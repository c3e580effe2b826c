using System.Globalization;

namespace Descent.Race;

/// <summary>An optimizer with everything but its learning rate settled.</summary>
/// <param name="Name">Its name in the results.</param>
/// <param name="LearningRate">Where the search for the rate begins: the rule's published default, or what its paper trains language models with.</param>
/// <param name="Settings">Run-file assignments.</param>
internal sealed record Contender(string Name, double LearningRate, params string[] Settings)
{
    /// <summary>The key that is tuned.</summary>
    public string RateKey { get; init; } = "optimizer.learning_rate";

    /// <summary>Further keys that follow the rate: their value is this factor times the rate's.</summary>
    public (string Key, double Factor)[] Following { get; init; } = [];

    /// <summary>Whether it is the reference in another storage, which runs at the reference's rate instead of a tuned one.</summary>
    public bool RateOfReference { get; init; }

    public Job At(RaceTask task, double rate, int seed, int steps) => new(task.Name, Name, [.. Settings, .. Rates(rate)], rate, seed, steps);

    private IEnumerable<string> Rates(double rate) =>
        Following.Prepend((RateKey, 1)).Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Item1}={rate * entry.Item2:R}"));
}
