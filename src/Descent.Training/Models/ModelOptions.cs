using Descent.Torch;
using Descent.Training.Data;
using Descent.Training.Memory;
using Descent.Training.Parametrization;

namespace Descent.Training.Models;

/// <summary>The description of a model in a run file: <c>model: { kind: gpt, … }</c>.</summary>
public abstract record ModelOptions
{
    /// <summary>The name of this kind in run files.</summary>
    public abstract string Kind { get; }

    /// <summary>Builds the model for the data, with parameters still to be initialised.</summary>
    /// <param name="shape">What goes in and what must come out.</param>
    /// <returns>The model.</returns>
    /// <exception cref="BadInputException">The model can't serve this data, or two settings contradict each other.</exception>
    public abstract Model Build(DataShape shape);

    /// <summary>Whether the model computes with matrices that are stored in fewer bits (<see cref="MemoryOptions.Parameters"/>).</summary>
    internal virtual bool WidensParameters => false;

    /// <summary>What its multipliers make of its weights in a model that has none.</summary>
    internal virtual IReadOnlyList<WeightFold> Folds => [];

    /// <summary>A smaller model with the same segments, and how often each of them stands in this one; null: once each.</summary>
    internal virtual (ModelOptions Model, int[]? Repeats) Sample() => (this, null);

    /// <summary>Builds the model with its parameters stored as <paramref name="memory"/> says.</summary>
    /// <param name="shape">What goes in and what must come out.</param>
    /// <param name="memory">How to store parameters.</param>
    /// <returns>The model.</returns>
    /// <exception cref="BadInputException">The model can't serve this data, or doesn't store parameters so; or the disk is full.</exception>
    public Model Build(DataShape shape, MemoryOptions memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        bool narrow = memory.Parameters == ParameterFormat.Bfloat16;
        if (narrow && !WidensParameters)
        {
            throw new BadInputException($"memory.parameters is bfloat16, and model.kind {Kind} computes with float32 parameters only; leave it at float32, or take gpt or mlp");
        }

        MappedArena? arena = memory.ParametersOnDisk ? memory.OpenArena() : null;
        try
        {
            Model model = MemoryOptions.Placing(() => StoredWeight.Build(() => Build(shape), narrow, arena));
            model.Arena = arena;
            return model;
        }
        catch
        {
            arena?.Dispose();
            throw;
        }
    }

    /// <summary>The same model with another dropout rate.</summary>
    /// <param name="dropout">The probability of zeroing an activation.</param>
    public abstract ModelOptions WithDropout(double dropout);

    /// <summary>A few words that say which model this is.</summary>
    public virtual string Describe() => Kind;
}
