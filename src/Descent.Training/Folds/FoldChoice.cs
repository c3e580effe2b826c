using Descent.Training.Configuration;
using Descent.Training.Data;

namespace Descent.Training.Folds;

/// <summary>Which fold of the data a run sees: <c>validation.fold</c>, and for a nested search also <c>validation.inner_fold</c>.</summary>
/// <param name="Folds">How the data is divided.</param>
/// <param name="Fold">The fold, from 0.</param>
public sealed record FoldChoice(FoldOptions Folds, int Fold)
{
    /// <summary>How the training part of the fold is divided once more; null: a fraction of it, <see cref="DataOptions.Validation"/>, is held out.</summary>
    public FoldOptions? Inner { get; init; }

    /// <summary>The fold of the fold's training part: what <see cref="Fold"/> holds out is not looked at. Null: the outer fold itself.</summary>
    public int? InnerFold { get; init; }

    /// <summary>The fold that is seen in the end, the inner one where there is one: its place among all of them, its repeat, and its number within that.</summary>
    public (int Fold, int Repeat, int Number) Place => InnerFold is { } inner
        ? Inner is { } folds ? (inner, inner / folds.Count, inner % folds.Count) : (0, 0, 0)
        : (Fold, Fold / Folds.Count, Fold % Folds.Count);

    /// <summary>What a run's settings choose; null where there are no folds.</summary>
    /// <exception cref="BadInputException">There are folds, and none is chosen.</exception>
    public static FoldChoice? Of(ValidationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Folds is not { } folds ? null
            : options.Fold is { } fold ? new FoldChoice(folds, fold) { Inner = options.InnerFolds, InnerFold = options.InnerFold }
            : throw new BadInputException(
                $"validation.folds divides the data into {folds.Total} folds, and a run sees one: 'descent cross-validate' trains them all, --set validation.fold=0 the first alone, "
                + "and --set validation.folds=~ holds out a fraction instead");
    }

    /// <summary>The runs that a configuration with folds stands for, one each: those of the folds, or where a fold is chosen those of its inner folds. Empty: it is a run itself.</summary>
    /// <remarks>A repeat's folds begin with one seed, the next repeat's with the next: the interval is to know of the luck of the initialization too.</remarks>
    public static IReadOnlyList<RunConfiguration> Runs(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ValidationOptions validation = configuration.Training.Validation;
        return validation switch
        {
            { Folds: { } folds, Fold: null } => [.. Enumerable.Range(0, folds.Total).Select(fold => Run(folds, fold, validation with { Fold = fold }))],
            { Fold: not null, InnerFolds: { } inner, InnerFold: null } => [.. Enumerable.Range(0, inner.Total).Select(fold => Run(inner, fold, validation with { InnerFold = fold }))],
            _ => [],
        };

        RunConfiguration Run(FoldOptions folds, int fold, ValidationOptions chosen) =>
            configuration with { Training = configuration.Training with { Validation = chosen, Seed = configuration.Training.Seed + (fold / folds.Count) } };
    }

    /// <summary>A few words for people: "fold 2 of 5".</summary>
    public string Describe() => (Folds.Total == Folds.Count ? $"fold {Fold} of {Folds.Total}" : $"fold {Fold % Folds.Count} of {Folds.Count}, repeat {Fold / Folds.Count}")
        + (InnerFold is { } inner ? Inner is { } folds ? $", inner fold {inner} of {folds.Total}" : ", hold-out of its training part" : "");

    /// <summary>Divides samples.</summary>
    /// <param name="samples">What is known of them.</param>
    /// <param name="heldOut">The fraction that an inner hold-out takes.</param>
    /// <param name="seed">Which samples it takes.</param>
    internal (int[] Training, int[] Validation) Choose(FoldSamples samples, double heldOut, long seed)
    {
        Fold outer = Folds.Of(samples, Fold);
        if (InnerFold is not { } number)
        {
            return (outer.Training, outer.Validation);
        }

        FoldSamples within = samples.Of(outer.Training);
        if (Inner is { } folds)
        {
            Fold inner = folds.Of(within, number).Within(outer.Training);
            return (inner.Training, inner.Validation);
        }

        (int[] kept, int[] held) = StratifiedSplit.Choose(within.Count, within.Labels, heldOut, seed);
        return (Array.ConvertAll(kept, sample => outer.Training[sample]), Array.ConvertAll(held, sample => outer.Training[sample]));
    }
}
