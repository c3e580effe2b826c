namespace Descent.Training;

/// <summary>What observers are told of a run beyond what the trainer itself knows.</summary>
public sealed record RunDescription
{
    /// <summary>The run's folder.</summary>
    public string? Directory { get; init; }

    /// <summary>A word or two for the model, for example "gpt, 6 layers × 384".</summary>
    public string? Model { get; init; }

    /// <summary>The resolved run file.</summary>
    public string? Configuration { get; init; }
}
