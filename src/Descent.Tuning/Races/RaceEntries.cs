using Descent.Tuning.Statistics;

namespace Descent.Tuning.Races;

/// <summary>Reads what came of contenders from their studies.</summary>
internal static class RaceEntries
{
    /// <summary>All contenders, in their order.</summary>
    public static async Task<IReadOnlyList<RaceEntry>> OfAsync(IReadOnlyList<Lane> lanes, IReadOnlyList<long> seeds, Direction direction, CancellationToken cancellation)
    {
        List<RaceEntry> entries = [];
        foreach (Lane lane in lanes)
        {
            entries.Add(await OfAsync(lane, seeds, direction, cancellation).ConfigureAwait(false));
        }

        return entries;
    }

    private static async Task<RaceEntry> OfAsync(Lane lane, IReadOnlyList<long> seeds, Direction direction, CancellationToken cancellation)
    {
        IReadOnlyList<TrialRecord> searched = await lane.SearchedAsync(cancellation).ConfigureAwait(false);
        LaneBest? best = await lane.BestAsync(cancellation).ConfigureAwait(false);
        IReadOnlyList<TrialRecord> finals = best is null ? [] : await lane.FinalsAsync(best.Settings, cancellation).ConfigureAwait(false);
        RaceSeed[] runs =
        [
            .. finals.Where(trial => seeds.Contains(Lane.SeedOf(trial.Configuration))).OrderBy(static trial => Lane.SeedOf(trial.Configuration)).Select(static trial => new RaceSeed(
                Lane.SeedOf(trial.Configuration),
                trial.State == TrialState.Complete && double.IsFinite(trial.Objectives[0]) ? trial.Objectives[0] : null,
                trial.Reason ?? (trial.State == TrialState.Complete && !double.IsFinite(trial.Objectives[0]) ? $"it ended at {trial.Objectives[0]}" : null),
                trial.Reported,
                null,
                trial.Duration,
                trial.Notes)),
        ];
        double[] ends = [.. runs.Where(static run => run.Value is not null).Select(static run => run.Value!.Value)];
        return new RaceEntry
        {
            Name = lane.Contender.Name,
            Settings = best?.Settings,
            SearchValue = best is null || double.IsNaN(best.Loss) ? null : direction == Direction.Minimize ? best.Loss : -best.Loss,
            Searched = [.. searched.Select(static trial => new RaceTrial(
                trial.Configuration,
                trial.State == TrialState.Complete ? trial.Objectives[0] : trial.State == TrialState.Pruned && trial.Reported.Count > 0 ? trial.Reported[^1].Value : null,
                trial.State))],
            LastFailure = searched.LastOrDefault(static trial => trial.State == TrialState.Failed)?.Reason ?? finals.LastOrDefault(static trial => trial.State == TrialState.Failed)?.Reason,
            SearchTime = TimeSpan.FromTicks(searched.Sum(static trial => trial.Duration.Ticks)),
            WentBeyond = lane.WentBeyond,
            AtEdge = best?.AtEdge ?? [],
            Runs = runs,
            Final = ends.Length > 0 ? ConfidenceInterval.OfMean(ends) : null,
        };
    }

    /// <summary>What a contender reaches with every seed is what may be expected of it; none: no run ended well.</summary>
    public static double? TargetOf(RaceEntry reference, Direction direction)
    {
        double[] ends = [.. reference.Runs.Where(static run => run.Value is not null).Select(static run => run.Value!.Value)];
        return ends.Length == 0 ? null : direction == Direction.Minimize ? ends.Max() : ends.Min();
    }

    /// <summary>A contender with its steps to the target.</summary>
    public static RaceEntry Timed(RaceEntry entry, double target, Direction direction) => entry with
    {
        Runs =
        [
            .. entry.Runs.Select(run => run with
            {
                StepsToTarget = Crossing.Of([.. run.Curve.Select(static point => (double)point.Step)], [.. run.Curve.Select(static point => point.Value)], target, direction),
            }),
        ],
    };
}
