namespace Descent.Training.Configuration;

/// <summary>The parts of a gradient that are clipped by norms of their own.</summary>
public enum ClipPart
{
    /// <summary>Every parameter.</summary>
    Tensor,

    /// <summary>Every segment of the model: the embedding, each transformer block or layer, the head.</summary>
    Block,
}
