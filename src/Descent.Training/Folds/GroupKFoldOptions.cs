using Descent.Training.Data;

namespace Descent.Training.Folds;

/// <summary>
/// k-fold cross validation that never parts a group: no group is on both sides, so that what is measured is how the model does on groups that it has not seen. The
/// parts are balanced by size: two differ by at most the largest group.
/// </summary>
/// <remarks>
/// Groups go, the largest first, to the part with the fewest samples (Graham 1969: longest processing time first). In repeats after the first, groups of similar sizes
/// (up to a factor of 2) go in any order. For text the groups are the documents: the files of a folder, or the types of the SDK's documentation.
/// </remarks>
public sealed record GroupKFoldOptions : RepeatedFoldOptions
{
    /// <inheritdoc/>
    public override string Kind => "group_k_fold";

    /// <summary>Name of the column that says which group a row belongs to; it is not a feature. Null (the default): text, whose groups are its documents, or groups given from code.</summary>
    public string? Group { get; init; }

    private protected override void Check(FoldSamples samples) => RequireEnough(GroupsOf(samples).Distinct(StringComparer.Ordinal).Count(), "groups");

    private protected override int[] Deal(FoldSamples samples, EpochKey key)
    {
        string[] groups = GroupsOf(samples);
        Dictionary<string, int> numbers = [];
        int[] groupOf = Array.ConvertAll(groups, group => numbers.TryGetValue(group, out int number) ? number : numbers[group] = numbers.Count);
        long[] sizes = new long[numbers.Count];
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

    private static string[] GroupsOf(FoldSamples samples) => samples.Groups
        ?? throw new BadInputException("validation.folds.kind is 'group_k_fold', but nothing says which group a sample belongs to; name the column with validation.folds.group");
}
