using Descent.Optimizers;

namespace Descent.Training.Memory;

/// <summary>One way to run the same training: what a plan chooses between.</summary>
public sealed record PlannedSettings
{
    /// <summary>What is done with freed memory.</summary>
    public MemoryPreference Prefer { get; init; } = MemoryPreference.Speed;

    /// <summary>When parameters are updated.</summary>
    public UpdateMoment Update { get; init; } = UpdateMoment.AfterBackward;

    /// <summary>Segments that are computed again in backward.</summary>
    public int Recompute { get; init; }

    /// <summary>Samples of a micro-batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Micro-batches of a step; times <see cref="BatchSize"/> it is what the user asked for.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>How states are stored.</summary>
    public StateFormat State { get; init; } = StateFormat.Float32;

    /// <summary>How matrices are stored.</summary>
    public ParameterFormat Parameters { get; init; } = ParameterFormat.Float32;

    /// <summary>What lies on the disk.</summary>
    public DiskUse Disk { get; init; } = DiskUse.Nothing;

    /// <summary>The keys of a run file, for people to read.</summary>
    public string Describe()
    {
        var words = new List<string> { $"prefer {Word(Prefer.ToString())}" };
        if (Recompute > 0)
        {
            words.Add($"recompute {Recompute}");
        }

        if (Update == UpdateMoment.InBackward)
        {
            words.Add("update in_backward");
        }

        if (Accumulate > 1)
        {
            words.Add($"batch {BatchSize} × {Accumulate}");
        }

        if (State != StateFormat.Float32)
        {
            words.Add($"state {Word(State.ToString())}");
        }

        if (Parameters != ParameterFormat.Float32)
        {
            words.Add($"parameters {Word(Parameters.ToString())}");
        }

        if (Disk != DiskUse.Nothing)
        {
            words.Add($"disk {Word(Disk.ToString())}");
        }

        return string.Join(", ", words);
    }

    private static string Word(string name) => name.ToLowerInvariant();
}
