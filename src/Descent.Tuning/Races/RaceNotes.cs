namespace Descent.Tuning.Races;

/// <summary>What must be known to judge a result.</summary>
internal static class RaceNotes
{
    public static IEnumerable<string> Of(IReadOnlyList<RaceEntry> entries, RaceOptions options, double? target, bool isSearched, bool isFinished)
    {
        RaceEntry[] searched = [.. entries.Where(entry => options.Contenders.Single(contender => contender.Name == entry.Name).Space.Count > 0)];
        if (searched.Length > 0)
        {
            int least = searched.Min(static entry => entry.Trials), most = searched.Max(static entry => entry.Trials);
            string trials = least == most ? $"{least}" : $"{least} to {most}";
            yield return !isSearched ? $"The searches are under way: {trials}{(options.Equal == EqualBudget.Trials ? $" of {options.Trials}" : "")} trials each{Length(options)}."
                : options.Equal == EqualBudget.Seconds
                ? $"Each search had the same time, {searched.Min(static entry => entry.SearchTime.TotalSeconds):0} to {searched.Max(static entry => entry.SearchTime.TotalSeconds):0} s: {trials} trials{Length(options)}."
                : $"Each search had the same number of trials, {trials}{(least < options.Trials && options.Time is not null ? $" of {options.Trials}, cut to fit the time" : "")}{Length(options)}.";
        }

        int seeds = entries.Max(static entry => entry.Runs.Count);
        if (seeds > 0 && seeds < options.Seeds)
        {
            yield return $"{seeds} of {options.Seeds} seeds have been run{(options.Time is null || !isFinished ? "" : "; the others did not fit the time")}.";
        }

        foreach (RaceEntry entry in entries)
        {
            if (entry.Settings is null && entry.Trials > 0)
            {
                yield return $"{entry.Name}: no trial of its search ended well{(isSearched ? "" : " so far")}{(entry.LastFailure is { } why ? $"; the last one: {why}" : "")}.";
            }

            if (entry.AtEdge.Count > 0 && entry.Settings is { } settings)
            {
                yield return $"{entry.Name}: the best {string.Join(" and ", entry.AtEdge.Select(name => $"{name} ({settings[name]})"))} {(entry.AtEdge.Count == 1 ? "lies" : "lie")} at the end of {(entry.AtEdge.Count == 1 ? "its range" : "their ranges")}{(entry.WentBeyond ? ", which was widened" : "")}; beyond it may be better.";
            }

            if (entry.FailedRuns > 0)
            {
                yield return $"{entry.Name}: {entry.FailedRuns} of {entry.Runs.Count} runs failed ({entry.Runs.First(static run => run.Value is null).Reason}).";
            }
        }

        RaceEntry[] missing = [.. entries.Where(static entry => entry.Runs.Count > 0 && entry.Reached < entry.Runs.Count)];
        if (target is not null && missing.Length > 0)
        {
            yield return $"The target was not reached within the run by {string.Join(", ", missing.Select(static entry => entry.Reached == 0 ? entry.Name : $"{entry.Name} ({entry.Runs.Count - entry.Reached} of {entry.Runs.Count} seeds)"))}: how long it takes them is more than the length of a run.";
        }
    }

    private static string Length(RaceOptions options) => options.SearchLength < 1 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", each {options.SearchLength * 100:0.#} % of a full run") : "";
}
