namespace Descent.Training.Folds;

/// <summary>Folds that never part a group: no group is on both sides, so that what is measured is how the model does on groups that it has not seen.</summary>
public abstract record GroupedFoldOptions : RepeatedFoldOptions
{
    /// <summary>Name of the column that says which group a row belongs to; it is not a feature. Null (the default): text, whose groups are its documents, or groups given from code.</summary>
    public string? Group { get; init; }

    private protected override void Check(FoldSamples samples) => RequireEnough(GroupsOf(samples).Distinct(StringComparer.Ordinal).Count(), "groups");

    /// <summary>The group of each sample by number, in the order in which groups come first.</summary>
    private protected int[] Numbered(FoldSamples samples)
    {
        Dictionary<string, int> numbers = [];
        return Array.ConvertAll(GroupsOf(samples), group => numbers.TryGetValue(group, out int number) ? number : numbers[group] = numbers.Count);
    }

    private string[] GroupsOf(FoldSamples samples) => samples.Groups
        ?? throw new BadInputException($"validation.folds.kind is '{Kind}', but nothing says which group a sample belongs to; name the column with validation.folds.group");
}
