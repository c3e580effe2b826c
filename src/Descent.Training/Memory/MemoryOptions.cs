using Descent.Optimizers;

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

    /// <summary>
    /// When parameters are updated. In backward, one segment's gradients exist at a time. For one micro-batch a step, and rules that need no sum over a whole group. Default: after
    /// backward.
    /// </summary>
    public UpdateMoment Update { get; init; } = UpdateMoment.AfterBackward;

    /// <summary>Where <c>gradients.clip_norm</c> takes the norm from when parameters are updated in backward. Default: from a second pass.</summary>
    public NormSource Norm { get; init; } = NormSource.SecondPass;

    /// <summary>
    /// How many segments (a transformer's embedding and blocks), counted from the first, keep only their input for backward and are computed again there: about a third more time
    /// for a model whose every segment is, and the memory of one segment's activations. The last one, with the loss, never is; a number beyond it is all others. It changes
    /// no result. Default: 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0.</exception>
    public int Recompute
    {
        get;
        init => field = Require.AtLeast(0, value);
    }
}
