namespace Descent.Training.Memory;

/// <summary>How a run trades time against memory. It changes no result.</summary>
public sealed record MemoryOptions
{
    /// <summary>What to spend. Default: memory for speed.</summary>
    public MemoryPreference Prefer { get; init; } = MemoryPreference.Speed;
}
