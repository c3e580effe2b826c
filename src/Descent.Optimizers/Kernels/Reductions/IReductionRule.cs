namespace Descent.Optimizers;

/// <summary>
/// A rule with sums over a tensor, a block of it or a group: a first pass brings states forward and gives the terms to be summed, the sums become
/// <see cref="TensorFactors"/>, and a second pass moves the parameter.
/// </summary>
internal interface IReductionRule
{
    /// <summary>States that must be there.</summary>
    static abstract Streams Needs { get; }

    /// <summary>What the first pass reads; parameter and gradient where it looks at the gradient.</summary>
    static abstract Streams GatherReads { get; }

    /// <summary>The states that the first pass writes; it never writes the parameter.</summary>
    static abstract Streams GatherWrites { get; }

    /// <summary>What the second pass reads.</summary>
    static abstract Streams UpdateReads { get; }

    /// <summary>What the second pass writes.</summary>
    static abstract Streams UpdateWrites { get; }

    /// <summary>Whether Σa² and Σb² are wanted, or else Σa and Σb.</summary>
    static abstract bool Squares { get; }

    /// <summary>Whether there is a b.</summary>
    static abstract bool TwoSums { get; }

    /// <summary>The first pass.</summary>
    void Gather<TLane>(TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3, out TLane a, out TLane b)
        where TLane : struct, ILane<TLane>;

    /// <summary>The second pass.</summary>
    void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3, TLane step, TLane keep)
        where TLane : struct, ILane<TLane>;
}
