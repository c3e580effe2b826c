namespace Descent.Tuning;

/// <summary>Whether a worker wants the study that is there.</summary>
internal static class StudyAgreement
{
    public static void Check(string name, StudyState state, StudyOptions options)
    {
        TrialHistory history = state.History!;
        if (options.Space is { } space && !space.Equals(history.Space))
        {
            string[] wanted = space.ToString().Split('\n'), there = history.Space.ToString().Split('\n');
            throw Differs(name, "searches", string.Join("; ", there.Except(wanted)), string.Join("; ", wanted.Except(there)));
        }

        if (options.Directions is { } directions && !directions.SequenceEqual(history.Directions))
        {
            throw Differs(name, "has the directions", string.Join(", ", history.Directions), string.Join(", ", directions));
        }

        if (options.Seed is { } seed && seed != state.Seed)
        {
            throw Differs(name, "has the seed", $"{state.Seed}", $"{seed}");
        }
    }

    private static StudyException Differs(string name, string what, string there, string wanted) => new(
        $"The study '{name}' {what} {(there.Length == 0 ? "less" : there)}, where {(wanted.Length == 0 ? "nothing" : wanted)} is wanted. Open it as it was made, or give the new study another name.");
}
