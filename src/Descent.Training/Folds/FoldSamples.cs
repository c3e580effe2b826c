namespace Descent.Training.Folds;

/// <summary>What a splitter may know of the samples that it divides.</summary>
public sealed record FoldSamples
{
    /// <summary>Describes samples.</summary>
    /// <param name="count">How many there are, at least 2.</param>
    /// <exception cref="BadInputException">There are fewer.</exception>
    public FoldSamples(int count) => Count = count >= 2
        ? count
        : throw new BadInputException($"{count} samples can't be divided into folds; at least 2 are needed");

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The class of every sample; null where there are none.</summary>
    /// <exception cref="ArgumentException">There are more or fewer than samples.</exception>
    public long[]? Labels { get; init => field = Fitting(value, nameof(Labels)); }

    /// <summary>The group of every sample, such as the patient that it was taken from; null where there are none.</summary>
    /// <exception cref="ArgumentException">There are more or fewer than samples.</exception>
    public string[]? Groups { get; init => field = Fitting(value, nameof(Groups)); }

    /// <summary>When every sample was taken, in any unit; null where they are in the order of time.</summary>
    /// <exception cref="ArgumentException">There are more or fewer than samples.</exception>
    public double[]? Times { get; init => field = Fitting(value, nameof(Times)); }

    /// <summary>What is known of some of the samples alone.</summary>
    /// <param name="rows">Their numbers.</param>
    /// <exception cref="BadInputException">They are fewer than 2.</exception>
    public FoldSamples Of(int[] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new FoldSamples(rows.Length)
        {
            Labels = Chosen(Labels),
            Groups = Chosen(Groups),
            Times = Chosen(Times),
        };

        T[]? Chosen<T>(T[]? values) => values is null ? null : Array.ConvertAll(rows, row => values[row]);
    }

    private T[]? Fitting<T>(T[]? values, string name) => values is null || values.Length == Count
        ? values
        : throw new ArgumentException($"{name} has {values.Length} values for {Count} samples; allowed: one each", name);
}
