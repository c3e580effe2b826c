using Descent.Journal;

namespace Descent.Tuning.Races;

/// <summary>Finds out which of several ways to do something is best, and how sure that is.</summary>
/// <remarks>
/// <para>Each contender's settings are searched with the same budget; then its best settings are run with several seeds that no search has seen, the same for all. Contenders are compared pair
/// by pair on equal seeds, and the p-values are corrected for their number. After Schmidt et al., "Descending through a Crowded Valley", 2021 (arXiv 2007.01547), and Dahl et al.,
/// "Benchmarking Neural Network Training Algorithms", 2023 (arXiv 2306.07179).</para>
/// <para>Everything lies in the journal: a race that was interrupted goes on where it stood, and one with more trials, seeds or contenders keeps what it has.</para>
/// </remarks>
/// <example>
/// <code>
/// await using Race race = await Race.OpenAsync("race.db", "first", new RaceOptions { Contenders = [one, other] });
/// await race.RunAsync(async (run, cancellation) => await TrainAsync(run.Contender, run.Configuration, run.Seed, run.Length, cancellation));
/// Console.WriteLine((await race.ResultAsync()).Verdict.Sentence);
/// </code>
/// </example>
public sealed class Race : IAsyncDisposable
{
    // So far from the seeds that the recommendation is made from that no wish for more of them comes here.
    private const long FreshSeeds = 1_000_000;

    private readonly IJournal? _owned;
    private readonly IReadOnlyList<Lane> _lanes;
    private readonly RaceMark _mark;
    private readonly RaceSchedule _schedule;
    private readonly SemaphoreSlim _gate = new(1, 1);

    private Race(RaceOptions options, IReadOnlyList<Lane> lanes, RaceMark mark, IJournal? owned)
    {
        (Options, _lanes, _mark, _owned) = (options, lanes, mark, owned);
        _schedule = new RaceSchedule(options, lanes);
        Seeds = [.. Enumerable.Range(1, options.Seeds).Select(number => options.Seed + number)];
    }

    /// <summary>What it was opened with.</summary>
    public RaceOptions Options { get; }

    /// <summary>The seeds of the runs that are compared.</summary>
    public IReadOnlyList<long> Seeds { get; }

    /// <summary>Opens a race, or begins one where there is none, in a journal that is opened for it.</summary>
    /// <param name="journal">The journal's URL: see <see cref="JournalCatalog"/>.</param>
    /// <param name="name">The race's name.</param>
    /// <param name="options">Who races, and how.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StudyException">A contender's search there has another space.</exception>
    /// <exception cref="JournalException">The journal can't be used.</exception>
    /// <exception cref="ArgumentException">There is no name, or options contradict each other.</exception>
    public static async ValueTask<Race> OpenAsync(string journal, string name, RaceOptions options, CancellationToken cancellation = default)
    {
        Check(name, options);
        IJournal opened = await JournalCatalog.OpenAsync(journal, cancellation: cancellation).ConfigureAwait(false);
        return await OpenAsync(opened, name, options, opened, cancellation).ConfigureAwait(false);
    }

    /// <summary>Opens a race, or begins one where there is none, in a journal that stays the caller's.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="name">The race's name.</param>
    /// <param name="options">Who races, and how.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StudyException">A contender's search there has another space.</exception>
    /// <exception cref="JournalException">The journal can't be used.</exception>
    /// <exception cref="ArgumentException">There is no name, or options contradict each other.</exception>
    public static ValueTask<Race> OpenAsync(IJournal journal, string name, RaceOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        Check(name, options);
        return OpenAsync(journal, name, options, null, cancellation);
    }

    /// <summary>Searches the settings of all contenders, then runs the best ones with all seeds; what is done already is not done again.</summary>
    /// <param name="run">Carries out one run: what it returns is the metric at its end, failed where it diverged. What it throws makes the run fail, and the race goes on.</param>
    /// <param name="cancellation">Stops: runs are cancelled and given back, and the same call goes on with them.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task RunAsync(Func<RaceRun, CancellationToken, Task<TrialResult>> run, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        string wish = RaceMark.WishOf(Options);
        if (!await _mark.IsOverAsync(RaceMark.Searched, wish, cancellation).ConfigureAwait(false))
        {
            await WorkAsync(token => _schedule.NextOfSearchAsync(run, token), cancellation).ConfigureAwait(false);
            await _mark.WriteAsync(RaceMark.Searched, wish, cancellation).ConfigureAwait(false);
        }

        if (!await _mark.IsOverAsync(RaceMark.Finished, wish, cancellation).ConfigureAwait(false))
        {
            await WorkAsync(_schedule.NextOfSeeds(Seeds, _lanes, cut: true, run), cancellation).ConfigureAwait(false);
            await _mark.WriteAsync(RaceMark.Finished, wish, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at what came of it so far.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<RaceResult> ResultAsync(CancellationToken cancellation = default)
    {
        IReadOnlyList<RaceEntry> entries = await RaceEntries.OfAsync(_lanes, Seeds, Options.Direction, cancellation).ConfigureAwait(false);
        string wish = RaceMark.WishOf(Options);
        bool searched = await _mark.IsOverAsync(RaceMark.Searched, wish, cancellation).ConfigureAwait(false);
        bool finished = await _mark.IsOverAsync(RaceMark.Finished, wish, cancellation).ConfigureAwait(false);
        string? targetOf = Options.Target is null ? Options.Reference ?? Options.Contenders[0].Name : null;
        double? target = Options.Target ?? RaceEntries.TargetOf(entries.Single(entry => entry.Name == targetOf), Options.Direction);
        IReadOnlyList<RaceEntry> ranked = Judge.Rank(target is { } value ? entries.Select(entry => RaceEntries.Timed(entry, value, Options.Direction)) : entries, Options.Direction);
        return new RaceResult
        {
            Entries = ranked,
            Target = target,
            TargetOf = targetOf,
            Seeds = Seeds,
            Notes = [.. RaceNotes.Of(ranked, Options, target, searched, finished)],
            Verdict = Judge.Recommend(ranked),
        };
    }

    /// <summary>Runs the recommended contender and the next one with seeds that no result was made from, and says whether the recommendation holds.</summary>
    /// <param name="run">Carries out one run.</param>
    /// <param name="seeds">How many fresh seeds; at least 2.</param>
    /// <param name="cancellation">Stops; what is done is kept.</param>
    /// <returns>None: there is no recommendation to check.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two seeds.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<RaceCheck?> CheckAsync(Func<RaceRun, CancellationToken, Task<TrialResult>> run, int seeds, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        _ = Allowed.AtLeast(seeds, 2, nameof(seeds));
        RaceVerdict verdict = (await ResultAsync(cancellation).ConfigureAwait(false)).Verdict;
        if (verdict is not { Best: { } best, RunnerUp: { } next })
        {
            return null;
        }

        long[] fresh = [.. Enumerable.Range(1, seeds).Select(number => Options.Seed + FreshSeeds + number)];
        Lane[] two = [.. _lanes.Where(lane => lane.Contender.Name == best || lane.Contender.Name == next)];
        await WorkAsync(_schedule.NextOfSeeds(fresh, two, cut: false, run), cancellation).ConfigureAwait(false);
        IReadOnlyList<RaceEntry> entries = await RaceEntries.OfAsync(_lanes, fresh, Options.Direction, cancellation).ConfigureAwait(false);
        return Judge.Check(verdict, entries.Single(entry => entry.Name == best), entries.Single(entry => entry.Name == next), fresh, Options.Direction);
    }

    /// <summary>Closes the journal if it was opened for the race.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Lane lane in _lanes)
        {
            await lane.DisposeAsync().ConfigureAwait(false);
        }

        _gate.Dispose();
        if (_owned is not null)
        {
            await _owned.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void Check(string name, RaceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new ArgumentException("The race has no name; allowed: one under which it is found again.", nameof(name));
        }
    }

    private static async ValueTask<Race> OpenAsync(IJournal journal, string name, RaceOptions options, IJournal? owned, CancellationToken cancellation)
    {
        Lane[] lanes = [.. options.Contenders.Select(contender => new Lane(journal, name, options, contender))];
        Race race = new(options, lanes, new RaceMark(journal, name), owned);
        try
        {
            foreach (Lane lane in lanes)
            {
                await lane.OpenAsync(cancellation).ConfigureAwait(false);
            }

            return race;
        }
        catch
        {
            await race.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Has as many runs at once as there are workers, until there is no next one.</summary>
    private async Task WorkAsync(Func<CancellationToken, Task<Func<Task>?>> next, CancellationToken cancellation)
    {
        using CancellationTokenSource all = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAll(Enumerable.Range(0, Options.Workers).Select(_ => Task.Run(
            async () =>
            {
                try
                {
                    while (await NextAsync().ConfigureAwait(false) is { } work)
                    {
                        await work().ConfigureAwait(false);
                    }
                }
                catch
                {
                    // One that can't go on takes the others with it.
                    await all.CancelAsync().ConfigureAwait(false);
                    throw;
                }
            },
            CancellationToken.None))).ConfigureAwait(false);

        async Task<Func<Task>?> NextAsync()
        {
            await _gate.WaitAsync(all.Token).ConfigureAwait(false);
            try
            {
                return await next(all.Token).ConfigureAwait(false);
            }
            finally
            {
                _gate.Release();
            }
        }
    }
}
