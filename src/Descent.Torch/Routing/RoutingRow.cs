namespace Descent.Torch;

/// <summary>A line of the routing table: parameters that are trained alike.</summary>
public sealed record RoutingRow
{
    /// <summary>The group's name.</summary>
    public required string Group { get; init; }

    /// <summary>The rule's name, or "frozen".</summary>
    public required string Rule { get; init; }

    /// <summary>What the parameters are, such as "hidden matrices, embeddings".</summary>
    public required string Roles { get; init; }

    /// <summary>How many parameters (tensors) there are.</summary>
    public required int Parameters { get; init; }

    /// <summary>How many elements they have together.</summary>
    public required long Elements { get; init; }

    /// <summary>γ, before any schedule; 0 where nothing is trained.</summary>
    public required double LearningRate { get; init; }

    /// <summary>λ; 0 for parameters that decay leaves alone.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>The bytes of their states once all have had a gradient.</summary>
    public required long StateBytes { get; init; }
}
