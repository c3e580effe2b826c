using Descent.Optimizers;
using Descent.Training.Models;

namespace Descent.Training.Initialization;

/// <summary>How parameters start, in a run file: <c>initialization: { kind: xavier_normal }</c> or <c>{ from: RUN_DIR }</c>.</summary>
/// <remarks>
/// A parameter's values depend on the seed and its name alone, so not on the order of parameters or on threads. Fan-based kinds give embedding
/// tables a normal distribution with <see cref="Deviation"/>: a table's rows are looked up, not summed, so it has no fan.
/// </remarks>
public sealed record InitializationOptions
{
    /// <summary>The distribution. Default: the model's own.</summary>
    public InitializationKind Kind { get; init; } = InitializationKind.Default;

    /// <summary>Standard deviation of the normal kinds and of embeddings. Default 0.02 (GPT-2's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Deviation
    {
        get;
        init => field = Require.Positive(value);
    } = 0.02;

    /// <summary>Half width of <see cref="InitializationKind.Uniform"/>. Default 0.05 (Keras').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Bound
    {
        get;
        init => field = Require.Positive(value);
    } = 0.05;

    /// <summary>
    /// The gain of the fan-based kinds and of <see cref="InitializationKind.Orthogonal"/>; null (default): √2 for the Kaiming kinds (that of ReLU), except in the
    /// layer that gives the outputs, and 1 for the others.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double? Gain
    {
        get;
        init => field = value is { } given ? Require.Positive(given) : null;
    }

    /// <summary>
    /// Weights of an earlier run instead of random ones: a run directory, a safetensors file, or a file of PyTorch's <c>torch.save</c> that holds a
    /// <c>state_dict()</c>. Then no distribution counts. Default none.
    /// </summary>
    public string? From { get; init; }

    /// <summary>
    /// The optimizer's state of an earlier run: a run directory, or any file that <see cref="Torch.SavedOptimizer"/> reads. Steps and states go on from it; rates and other
    /// settings are this run's own, and those that differ are named. Default none.
    /// </summary>
    public string? OptimizerState { get; init; }

    /// <summary>Gives every parameter of a model its first value.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="BadInputException"><see cref="From"/> doesn't exist or doesn't fit the model.</exception>
    public void Apply(Model model, long seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        new Initializer(this, model, seed).Run();
    }
}
