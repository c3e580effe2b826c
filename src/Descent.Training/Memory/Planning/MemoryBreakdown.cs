namespace Descent.Training.Memory;

/// <summary>Resident memory by what it is for, in bytes.</summary>
public sealed record MemoryBreakdown
{
    /// <summary>The runtime, the libraries and the data.</summary>
    public long Process { get; init; }

    /// <summary>Parameters, averages of them included.</summary>
    public long Parameters { get; init; }

    /// <summary>Gradients.</summary>
    public long Gradients { get; init; }

    /// <summary>The optimizer's states.</summary>
    public long States { get; init; }

    /// <summary>What forward keeps for backward.</summary>
    public long Activations { get; init; }

    /// <summary>What the head and the loss take while they run.</summary>
    public long Loss { get; init; }

    /// <summary>What a segment or a step takes while it runs, and fragments of freed blocks.</summary>
    public long Workspace { get; init; }

    /// <summary>All of it.</summary>
    public long Total => Process + Parameters + Gradients + States + Activations + Loss + Workspace;
}
