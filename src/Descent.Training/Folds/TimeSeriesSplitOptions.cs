using Descent.Optimizers;

namespace Descent.Training.Folds;

/// <summary>
/// Forward validation of a series in time (Tashman 2000): each fold trains on what came before and is measured on what comes next; nothing of the future is known.
/// </summary>
/// <remarks>
/// The window of training expands; with <see cref="MaxTrainSize"/> it rolls. The last <c>Count · TestSize</c> samples are held out, each once; what comes before them never is.
/// Samples are in the order of <see cref="FoldSamples.Times"/>, those of one time in the order of the data. For text the unit of all sizes is the byte, and places move to the
/// start of a line.
/// </remarks>
public sealed record TimeSeriesSplitOptions : FoldOptions
{
    /// <inheritdoc/>
    public override string Kind => "time_series_split";

    /// <summary>Name of the column that says when a row was taken: numbers, or dates in ISO 8601; it is not a feature. Null (the default): rows are in the order of time.</summary>
    public string? Time { get; init; }

    /// <summary>Samples left out between training and held-out ones, at least 0; default 0 (scikit-learn's). As many as a feature looks back, so that none is known from both.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Gap
    {
        get;
        init => field = Require.AtLeast(0, value);
    }

    /// <summary>Most samples to train on, the latest ones, at least 1; null (the default) takes all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? MaxTrainSize
    {
        get;
        init => field = value is { } given ? Require.AtLeast(1, given) : null;
    }

    /// <summary>Samples held out in each fold, at least 1; null (the default) is n / (count + 1), rounded down (scikit-learn's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? TestSize
    {
        get;
        init => field = value is { } given ? Require.AtLeast(1, given) : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Fold> Split(FoldSamples samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        int[] order = Ordered(samples);
        return [.. Spans(samples.Count, "samples").Select((span, number) => Part(order, span, number))];
    }

    internal override Fold Of(FoldSamples samples, int index) => Part(Ordered(samples), Spans(samples.Count, "samples")[index], index);

    private static int[] Ordered(FoldSamples samples)
    {
        IEnumerable<int> all = Enumerable.Range(0, samples.Count);
        return samples.Times is { } times ? [.. all.OrderBy(sample => times[sample])] : [.. all];
    }

    private static Fold Part(int[] order, ((long Start, long End) Training, (long Start, long End) Validation) span, int number) => new()
    {
        Index = number,
        Repeat = 0,
        Number = number,
        Training = order[(int)span.Training.Start..(int)span.Training.End],
        Validation = order[(int)span.Validation.Start..(int)span.Validation.End],
    };

    /// <summary>What each fold trains on and holds out, as places in the order of time.</summary>
    internal IReadOnlyList<((long Start, long End) Training, (long Start, long End) Validation)> Spans(long length, string unit)
    {
        long size = TestSize ?? length / (Count + 1);
        long first = length - (Count * size);
        if (size < 1 || first - Gap < 1)
        {
            throw new BadInputException(
                $"validation.folds: {Count} folds of {Math.Max(1, size)} held-out {unit} leave {Math.Max(0, first - Gap)} to train on in the first of them, of {length} {unit} and a gap of {Gap}; "
                + "allowed: at least 1. Lower count, test_size or gap");
        }

        return
        [
            .. Enumerable.Range(0, Count).Select(number =>
            {
                long start = first + (number * size);
                long end = start - Gap;
                return ((Math.Max(0, end - (MaxTrainSize ?? end)), end), (start, start + size));
            }),
        ];
    }
}
