namespace Descent.Optimizers;

/// <summary>
/// Sixteen running sums in double, in registers: the element with the number i goes to sum i mod 16 and the sixteen are added pairwise at the end. The same order, so the
/// same bits, whatever registers the processor has; and sixteen hide the latency of addition.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
/// <typeparam name="TLane">The lane whose elements are summed.</typeparam>
internal unsafe interface ISums<TSelf, TLane>
    where TSelf : struct, ISums<TSelf, TLane>
    where TLane : struct, ILane<TLane>
{
    /// <summary>Adds the elements of one lane, or their squares.</summary>
    /// <param name="x">The lane.</param>
    /// <param name="part">Which of the lanes it is that make up sixteen elements; a constant.</param>
    /// <param name="squares">Whether to square them; a constant.</param>
    void Add(TLane x, int part, bool squares);

    /// <summary>Adds every element of a lane to a sum of its own in memory.</summary>
    static abstract void AddEach(TLane x, double* sums);

    /// <summary>Adds the sums to sixteen in memory.</summary>
    void AddTo(double* sums);
}
