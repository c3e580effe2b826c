namespace Descent.Training.Memory;

/// <summary>How a run spends and spares memory.</summary>
public sealed record MemoryOptions
{
    /// <summary>What to spend; it changes no result. Default: memory for speed.</summary>
    public MemoryPreference Prefer { get; init; } = MemoryPreference.Speed;

    /// <summary>
    /// How matrices and embeddings, and their gradients, are stored; norms and biases stay float32. For models of kind gpt and mlp, and element-wise rules. Default: float32.
    /// </summary>
    public ParameterFormat Parameters { get; init; } = ParameterFormat.Float32;
}
