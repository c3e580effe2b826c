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

        // By their names first: they say more than directions do.
        if (options.Objectives is { } objectives && state.Objectives.Count > 0 && !objectives.SequenceEqual(state.Objectives))
        {
            throw Differs(name, "has the objectives", string.Join(", ", state.Objectives), string.Join(", ", objectives));
        }

        if (options.Directions is { } directions && !directions.SequenceEqual(history.Directions))
        {
            throw Differs(name, "has the directions", string.Join(", ", history.Directions), string.Join(", ", directions));
        }

        CheckNames(name, history.Directions.Count, options);

        if (options.Seed is { } seed && seed != state.Seed)
        {
            throw Differs(name, "has the seed", $"{state.Seed}", $"{seed}");
        }
    }

    /// <summary>Whether there are as many names as objectives.</summary>
    public static void CheckNames(string name, int directions, StudyOptions options)
    {
        if (options.Objectives is { } objectives && objectives.Count != directions)
        {
            throw new StudyException($"The study '{name}' has {directions} {(directions == 1 ? "objective" : "objectives")}, for which the names given are {string.Join(", ", objectives)}. Give a name for each.");
        }
    }

    private static StudyException Differs(string name, string what, string there, string wanted) => new(
        $"The study '{name}' {what} {(there.Length == 0 ? "less" : there)}, where {(wanted.Length == 0 ? "nothing" : wanted)} is wanted. Open it as it was made, or give the new study another name.");
}
