using Descent.Optimizers;
using Descent.Training.Folds;

namespace Descent.Training.Configuration;

/// <summary>How often and on how much held-out data the model is measured.</summary>
public sealed record ValidationOptions : IValidatable
{
    /// <summary>Steps between validations; 0 validates only at the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public long EverySteps
    {
        get;
        init => field = Require.AtLeast(0, value);
    } = 200;

    /// <summary>Batches a validation looks at, always the same ones; 0 takes all held-out data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Batches
    {
        get;
        init => field = Require.AtLeast(0, value);
    }

    /// <summary>
    /// The metric that decides which weights are best; it also drives patience and a reduce-on-plateau schedule. Losses and errors are better
    /// when lower, accuracy and R² when higher.
    /// </summary>
    public string Metric { get; init; } = "validation/loss";

    /// <summary>How the data is divided for cross validation; null (the default) holds out a fraction, or the data's own held-out files.</summary>
    public FoldOptions? Folds { get; init; }

    /// <summary>The fold that a run sees, from 0, over all repeats; null: <c>descent cross-validate</c> gives each run its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? Fold
    {
        get;
        init => field = value is { } given ? Require.AtLeast(0, given) : null;
    }

    /// <summary>How the training part of each fold is divided for the search of a nested cross validation; null (the default) holds out a fraction of it.</summary>
    public FoldOptions? InnerFolds { get; init; }

    /// <summary>
    /// Has a run see the training part of <see cref="Fold"/> alone: this fold of <see cref="InnerFolds"/>, or with 0 and no inner folds a hold-out of it. Null (the default): the run sees the fold itself.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? InnerFold
    {
        get;
        init => field = value is { } given ? Require.AtLeast(0, given) : null;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        if (Folds is null && (Fold is not null || InnerFolds is not null || InnerFold is not null))
        {
            yield return "fold, inner_folds and inner_fold say which of the folds; give folds too, such as 'folds: k_fold'";
        }
        else if (Fold >= Folds?.Total)
        {
            yield return $"fold is {Fold}; allowed: 0 to {Folds!.Total - 1}, as there are {Folds.Total} folds";
        }

        if (InnerFold is not null && Fold is null)
        {
            yield return "inner_fold is a part of a fold; give fold too";
        }
        else if (InnerFold >= (InnerFolds?.Total ?? 1))
        {
            yield return $"inner_fold is {InnerFold}; allowed: 0{(InnerFolds is { } inner ? $" to {inner.Total - 1}" : ", as there are no inner_folds")}";
        }
    }

    /// <summary>Whether a smaller <see cref="Metric"/> is better, as its name says.</summary>
    public bool LowerIsBetter => BestTracker.IsLowerBetter(Metric);
}
