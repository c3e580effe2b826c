using Descent.Optimizers;

namespace Descent.Training.Folds;

/// <summary>How samples are divided into folds: <c>validation.folds</c> of a run file, where every property has its snake_case name.</summary>
/// <remarks>
/// A splitter is a pure function of its settings and of what it is told of the samples: the same ones give the same folds, in any process, in any order. Names, and where
/// nothing else is said what they mean, are scikit-learn's.
/// </remarks>
public abstract record FoldOptions
{
    /// <summary>Name of the kind in a run file, such as <c>k_fold</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Folds of one repeat, 2 … 100,000; default 5 (scikit-learn's). As many as samples is leave-one-out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Count
    {
        get;
        init => field = Require.Between(2, 100_000, value);
    } = 5;

    /// <summary>Folds in all: those of every repeat.</summary>
    public virtual int Total => Count;

    /// <summary>Divides samples.</summary>
    /// <param name="samples">What is known of them.</param>
    /// <returns><see cref="Total"/> folds, by their index.</returns>
    /// <exception cref="BadInputException">The samples can't be divided so; the message says why and what can be done.</exception>
    public abstract IReadOnlyList<Fold> Split(FoldSamples samples);

    /// <summary>One of the folds alone: what <see cref="Split"/> gives at this place, without the memory of the others.</summary>
    /// <param name="samples">What is known of the samples.</param>
    /// <param name="index">Its place among all folds.</param>
    internal virtual Fold Of(FoldSamples samples, int index) => Split(samples)[index];

    /// <summary>Divides samples, and the training samples of each fold once more: nested cross validation.</summary>
    /// <param name="inner">How the training samples of each fold are divided.</param>
    /// <param name="samples">What is known of them.</param>
    /// <exception cref="BadInputException">The samples can't be divided so.</exception>
    public IReadOnlyList<NestedFold> Nest(FoldOptions inner, FoldSamples samples)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(samples);
        return [.. Split(samples).Select(outer => new NestedFold(
            outer, [.. inner.Split(samples.Of(outer.Training)).Select(fold => fold.Within(outer.Training))]))];
    }

    /// <summary>A few words for people: "stratified_k_fold, 5 folds × 3 repeats".</summary>
    public string Describe() => Total == Count ? $"{Kind}, {Count} folds" : $"{Kind}, {Count} folds × {Total / Count} repeats";

    private protected void RequireEnough(int count, string what)
    {
        if (count < Count)
        {
            throw new BadInputException($"validation.folds.count is {Count}, but there are only {count} {what}; {(count < 2 ? "at least 2 are needed" : $"allowed: 2 to {count}")}");
        }
    }

    private protected long[] RequireLabels(FoldSamples samples) => samples.Labels
        ?? throw new BadInputException($"validation.folds.kind is '{Kind}', but the data has no classes; allowed where a number or text is predicted: k_fold, group_k_fold, time_series_split");
}
