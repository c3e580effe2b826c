namespace Descent.Tuning.Races;

/// <summary>Whose turn it is.</summary>
/// <param name="options">What is wished for.</param>
/// <param name="lanes">The contenders.</param>
internal sealed class RaceSchedule(RaceOptions options, IReadOnlyList<Lane> lanes)
{
    private readonly RaceTimes _times = new(options, lanes);

    /// <summary>The contender that has had least of the budget is next. A round is begun for all or for none.</summary>
    public async Task<Func<Task>?> NextOfSearchAsync(Func<RaceRun, CancellationToken, Task<TrialResult>> run, CancellationToken cancellation)
    {
        Lane[] searching = [.. lanes.Where(static lane => lane.Searches)];
        if (searching.Length == 0)
        {
            return null;
        }

        Lane next = searching.MinBy(static lane => lane.Begun)!;
        double progress = next.Begun / (double)options.Trials;
        if (options.Equal == EqualBudget.Trials)
        {
            bool isRound = searching.All(lane => lane.Begun == next.Begun);
            if (next.Begun >= options.Trials || (isRound && next.Begun >= RaceTimes.LeastTrials && !await _times.FitsRoundAsync(cancellation).ConfigureAwait(false)))
            {
                return null;
            }
        }
        else if (next.Begun > 0)
        {
            double share = await _times.ShareAsync(cancellation).ConfigureAwait(false);
            List<(Lane Lane, double Spent)> left = [];
            foreach (Lane lane in searching)
            {
                // What is under way is counted by what it will cost.
                double cost = await lane.SearchCostAsync(cancellation).ConfigureAwait(false) ?? 0;
                int ended = (await lane.SearchedAsync(cancellation).ConfigureAwait(false)).Count;
                double spent = await lane.SpentAsync(cancellation).ConfigureAwait(false) + (cost * (lane.Begun - ended));
                if (spent + cost <= share)
                {
                    left.Add((lane, spent));
                }
            }

            if (left.Count == 0)
            {
                return null;
            }

            (next, double least) = left.MinBy(static one => one.Spent);
            progress = least / share;
        }

        next.Begin();
        return () => next.SearchAsync(run, progress, cancellation);
    }

    /// <summary>Seed by seed, each for all: whenever the race ends, contenders have the same seeds.</summary>
    public Func<CancellationToken, Task<Func<Task>?>> NextOfSeeds(IReadOnlyList<long> seeds, IReadOnlyList<Lane> running, bool cut, Func<RaceRun, CancellationToken, Task<TrialResult>> run)
    {
        Queue<(Lane Lane, long Seed, int Round)> todo = new(seeds.SelectMany((seed, round) => running.Select(lane => (lane, seed, round))));
        int looked = RaceTimes.LeastSeeds - 1;
        return async cancellation =>
        {
            while (todo.TryDequeue(out (Lane Lane, long Seed, int Round) next))
            {
                if (await next.Lane.HasSeedAsync(next.Seed, cancellation).ConfigureAwait(false))
                {
                    continue;
                }

                if (cut && next.Round > looked)
                {
                    looked = next.Round;
                    if (!await _times.FitsSeedAsync(cancellation).ConfigureAwait(false))
                    {
                        todo.Clear();
                        return null;
                    }
                }

                return () => next.Lane.FinishAsync(run, next.Seed, cancellation);
            }

            return null;
        };
    }
}
