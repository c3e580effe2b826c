using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Torch;

// How states are stored.
public abstract partial class FusedOptimizer
{
    private StateFormat? _format;
    private MappedArena? _storage;

    /// <summary>
    /// Stores the states of all groups, also of those to come, in a format; what is there is converted. Tensors below 4,096 elements, embeddings
    /// (<see cref="FusedGroup.Roles"/>), double parameters and what is not in the CPU's memory keep full precision.
    /// </summary>
    /// <param name="format">The format. For single groups give their options one, <see cref="Optimizers.OptimizerOptions.StateFormat"/>.</param>
    /// <returns>This optimizer.</returns>
    /// <exception cref="ArgumentException">A group's rule is not element-wise.</exception>
    /// <example><code>
    /// using FusedOptimizer optimizer = Fused.AdamW(model.named_parameters(), lr: 3e-4).WithStates(StateFormat.Int8);
    /// </code></example>
    public FusedOptimizer WithStates(StateFormat format)
    {
        _format = format;
        foreach (GroupRunner runner in _runners)
        {
            Request(format, runner);
        }

        return this;
    }

    /// <summary>
    /// Makes the states of all groups, also of those to come, in a file instead of memory. Call it before the first step. The arena stays the caller's: dispose it after the
    /// optimizer.
    /// </summary>
    /// <param name="arena">The file.</param>
    /// <returns>This optimizer.</returns>
    /// <exception cref="InvalidOperationException">There are states already.</exception>
    public FusedOptimizer WithStorage(MappedArena arena)
    {
        ArgumentNullException.ThrowIfNull(arena);
        if (States.Any())
        {
            throw new InvalidOperationException("The optimizer has states in memory already; give it its storage before the first step.");
        }

        _storage = arena;
        foreach (GroupRunner runner in _runners)
        {
            Place(arena, runner);
        }

        return this;
    }

    /// <summary>The state tensors of a parameter as they are stored, codes and scales included; none before its first step. The optimizer keeps them.</summary>
    /// <param name="parameter">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public IEnumerable<Tensor> StateTensors(string parameter) => Find(parameter).Tensors.Select(static entry => entry.Value);

    private static void Place(MappedArena? arena, GroupRunner runner)
    {
        foreach (ParameterState parameter in runner.Parameters)
        {
            parameter.Storage = arena;
        }
    }

    /// <summary>How a parameter's states are stored.</summary>
    /// <param name="parameter">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public StateFormat FormatOf(string parameter) => Find(parameter).Format;

    /// <summary>A state's values, decoded, in a new tensor that is the caller's to dispose.</summary>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="state">The state's name, such as <c>exp_avg</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    /// <exception cref="ArgumentException">It has no such state, or had no step yet.</exception>
    public Tensor ReadState(string parameter, string state)
    {
        ParameterState found = Find(parameter);
        return found.Read(found.IndexOf(state));
    }

    // Only the element-wise runner decodes and encodes.
    private static void Request(StateFormat? format, GroupRunner runner)
    {
        StateFormat asked = format ?? runner.Options.StateFormat;
        if (asked != StateFormat.Float32 && (runner is not ElementwiseRunner || runner.Options.MatricesOnly))
        {
            throw new ArgumentException(
                $"'{runner.Options.Kind}' keeps its states in float32; {StateCodec.Of(asked).Name} is for element-wise rules such as adamw. Leave the format out, or set it for other groups only.",
                nameof(format));
        }

        foreach (ParameterState parameter in runner.Parameters)
        {
            parameter.RequestedFormat = asked;
        }
    }
}
