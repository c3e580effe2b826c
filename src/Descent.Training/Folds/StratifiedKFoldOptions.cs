using Descent.Training.Data;

namespace Descent.Training.Folds;

/// <summary>
/// k-fold cross validation with every class in proportion (Kohavi 1995): the sizes of the parts, and of each class in them, differ by at most one. For classes.
/// </summary>
public sealed record StratifiedKFoldOptions : RepeatedFoldOptions
{
    /// <inheritdoc/>
    public override string Kind => "stratified_k_fold";

    private protected override void Check(FoldSamples samples)
    {
        RequireEnough(samples.Count, "samples");
        int largest = RequireLabels(samples).CountBy(static label => label).Max(static members => members.Value);
        if (largest < Count)
        {
            throw new BadInputException(
                $"validation.folds.count is {Count}, but no class has more than {largest} sample{(largest == 1 ? "" : "s")}; allowed: {(largest < 2 ? "" : $"2 to {largest}, or ")}'kind: k_fold'");
        }
    }

    private protected override int[] Deal(FoldSamples samples, EpochKey key)
    {
        // Dealt like cards from a deck that is sorted by class: each class, and the whole, evenly.
        int[] foldOf = new int[samples.Count];
        foreach ((int position, int sample) in Shuffled(samples.Count, key).OrderBy(sample => samples.Labels![sample]).Index())
        {
            foldOf[sample] = position % Count;
        }

        return foldOf;
    }
}
