namespace Descent.Cli.Tuning;

/// <summary>What a trial's process is told first.</summary>
/// <param name="Yaml">The run file.</param>
internal sealed record TrialOrder(string Yaml)
{
    /// <summary>Metrics that its validations have to have.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>The folder of the run whose last checkpoint this one begins with; null: it begins anew.</summary>
    public string? Parent { get; init; }

    /// <summary>Where there is a parent: the settings that are changed, as assignments.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}
