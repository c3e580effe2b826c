using Descent.Training.Data;

namespace Descent.Training.Folds;

/// <summary>
/// k-fold cross validation that never parts a group. The parts are balanced by size: two differ by at most the largest group.
/// </summary>
/// <remarks>
/// Groups go, the largest first, to the part with the fewest samples (Graham 1969: longest processing time first). In repeats after the first, groups of similar sizes
/// (up to a factor of 2) go in any order. For text the groups are the documents: the files of a folder, or the types of the SDK's documentation.
/// </remarks>
public sealed record GroupKFoldOptions : GroupedFoldOptions
{
    /// <inheritdoc/>
    public override string Kind => "group_k_fold";

    private protected override int[] Deal(FoldSamples samples, EpochKey key)
    {
        int[] groupOf = Numbered(samples);
        long[] sizes = new long[groupOf.Max() + 1];
        foreach (int group in groupOf)
        {
            sizes[group]++;
        }

        int[] foldOf = DealGroups(sizes, key);
        return Array.ConvertAll(groupOf, group => foldOf[group]);
    }

    /// <summary>The part that each group goes to.</summary>
    internal int[] DealGroups(long[] sizes, EpochKey key)
    {
        int[] foldOf = new int[sizes.Length];
        long[] filled = new long[Count];
        foreach (int group in Shuffled(sizes.Length, key).OrderByDescending(group => key.Epoch == 0 ? sizes[group] : (long)Math.Log2(Math.Max(1, sizes[group]))))
        {
            int lightest = Array.IndexOf(filled, filled.Min());
            foldOf[group] = lightest;
            filled[lightest] += sizes[group];
        }

        return foldOf;
    }
}
