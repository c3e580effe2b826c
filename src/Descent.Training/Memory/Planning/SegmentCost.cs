namespace Descent.Training.Memory;

/// <summary>What one segment of a model takes in a step, in bytes and seconds.</summary>
/// <remarks>Peaks count from where the action begins.</remarks>
internal sealed record SegmentCost
{
    /// <summary>Parameters that are updated with it.</summary>
    public long Parameters { get; init; }

    /// <summary>Their number.</summary>
    public long Elements { get; init; }

    /// <summary>Parameters that it reads, those of an earlier segment included.</summary>
    public long Read { get; init; }

    /// <summary>Its output.</summary>
    public long Output { get; init; }

    /// <summary>What stays after forward for backward, the output included.</summary>
    public long Kept { get; init; }

    /// <summary>Forward that keeps.</summary>
    public long ForwardPeak { get; init; }

    /// <summary>Forward that keeps nothing.</summary>
    public long InferencePeak { get; init; }

    /// <summary>Backward with room for gradients still to be made.</summary>
    public long BackwardPeak { get; init; }

    public double ForwardSeconds { get; init; }

    public double InferenceSeconds { get; init; }

    public double BackwardSeconds { get; init; }

    /// <summary>The same segments, each so many times as slow.</summary>
    public static SegmentCost[] Slower(SegmentCost[] segments, double factor) => [.. segments.Select(segment => segment with
    {
        ForwardSeconds = segment.ForwardSeconds * factor,
        InferenceSeconds = segment.InferenceSeconds * factor,
        BackwardSeconds = segment.BackwardSeconds * factor,
    })];

    /// <summary>The cost at another size of a batch, from those at two: what doesn't grow with it, and what does.</summary>
    /// <param name="size">Samples.</param>
    /// <param name="small">Measured at <paramref name="smallSize"/>.</param>
    /// <param name="smallSize">The smaller size.</param>
    /// <param name="large">Measured at <paramref name="largeSize"/>.</param>
    /// <param name="largeSize">The larger size.</param>
    public static SegmentCost At(int size, SegmentCost small, int smallSize, SegmentCost large, int largeSize)
    {
        if (smallSize == largeSize)
        {
            return large;
        }

        // A measurement that was disturbed must not make a line that falls.
        double Line(double a, double b)
        {
            double slope = Math.Clamp((b - a) / (largeSize - smallSize), 0, b / largeSize);
            return b - (slope * (largeSize - size));
        }

        return large with
        {
            Output = (long)Line(small.Output, large.Output),
            Kept = (long)Line(small.Kept, large.Kept),
            ForwardPeak = (long)Line(small.ForwardPeak, large.ForwardPeak),
            InferencePeak = (long)Line(small.InferencePeak, large.InferencePeak),
            BackwardPeak = (long)Line(small.BackwardPeak, large.BackwardPeak),
            ForwardSeconds = Line(small.ForwardSeconds, large.ForwardSeconds),
            InferenceSeconds = Line(small.InferenceSeconds, large.InferenceSeconds),
            BackwardSeconds = Line(small.BackwardSeconds, large.BackwardSeconds),
        };
    }
}
