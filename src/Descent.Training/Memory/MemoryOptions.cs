using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;

namespace Descent.Training.Memory;

/// <summary>How a run spends and spares memory.</summary>
public sealed record MemoryOptions : IValidatable
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

    /// <summary>
    /// What lies in a scratch file: read ahead before a segment needs it, written behind when it doesn't any more, so that a segment and its neighbour are in memory. It changes no
    /// result. With parameters updated in backward only: a step after it goes through everything at once. Default: nothing.
    /// </summary>
    public DiskUse Disk { get; init; } = DiskUse.Nothing;

    /// <summary>The folder of the scratch file, on a disk with room for it; the file has no name and ends with the process. Default: none.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The most memory that the process may take, such as <c>4GiB</c>. The run's segments are measured before it begins, and the fastest settings that fit are taken: <see cref="Prefer"/>,
    /// <see cref="Recompute"/>, <see cref="Update"/> and the size of micro-batches, none of which changes what is computed but by rounding. What is set away from its default stays. Default: none.
    /// </summary>
    /// <exception cref="ArgumentException">It is no amount of memory.</exception>
    public string? Budget
    {
        get;
        init
        {
            BudgetBytes = value is null ? null : MemorySize.Parse(value);
            field = value;
        }
    }

    /// <summary>Whether a plan may store states and matrices in fewer bits, which rounds; as little of it as the budget asks for. Default: no.</summary>
    public bool AllowRounding { get; init; }

    internal long? BudgetBytes { get; private init; }

    /// <summary>What the plan predicts for these settings; null where none was made.</summary>
    internal PlanRow? Forecast { get; init; }

    /// <summary>Whether these settings are what a plan chose, also of a run that goes on.</summary>
    internal bool IsPlanned { get; init; }

    internal bool ParametersOnDisk => Disk is DiskUse.Parameters or DiskUse.Both;

    internal bool StatesOnDisk => Disk is DiskUse.States or DiskUse.Both;

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        if (Disk != DiskUse.Nothing && string.IsNullOrWhiteSpace(Folder))
        {
            yield return $"disk is '{Disk.ToString().ToLowerInvariant()}', and folder says not where; give the folder of a disk with room";
        }

        if (Disk == DiskUse.Nothing && Folder is not null && Budget is null)
        {
            yield return $"folder is '{Folder}', and disk puts nothing there; set disk to 'states', 'parameters' or 'both', give a budget that decides, or leave folder out";
        }

        if (AllowRounding && Budget is null)
        {
            yield return "allow_rounding is for a plan, and there is no budget to plan for; set budget, or optimizer.state and parameters yourself";
        }

        if (Disk != DiskUse.Nothing && Update != UpdateMoment.InBackward)
        {
            yield return "disk needs update to be 'in_backward': a step after backward goes through all parameters and states at once";
        }
    }

    /// <summary>Opens the scratch file.</summary>
    /// <exception cref="BadInputException">The settings contradict each other, or the folder can't be used.</exception>
    internal MappedArena OpenArena()
    {
        if (Validate().FirstOrDefault() is { } violation)
        {
            throw new BadInputException($"memory: {violation}");
        }

        return Placing(() => MappedArena.Create(Folder!));
    }

    /// <summary>Does what takes room in the scratch file.</summary>
    /// <exception cref="BadInputException">The disk has none.</exception>
    internal static T Placing<T>(Func<T> place)
    {
        try
        {
            return place();
        }
        catch (IOException exception)
        {
            throw new BadInputException($"memory.folder: {exception.Message}", exception);
        }
    }
}
