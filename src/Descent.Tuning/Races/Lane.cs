using System.Security.Cryptography;
using System.Text;
using Descent.Journal;

namespace Descent.Tuning.Races;

/// <summary>One contender's part of a race: its search, which may go on beyond its range, and its runs at the best settings. All of it lies in the journal.</summary>
internal sealed class Lane(IJournal journal, string race, RaceOptions options, Contender contender) : IAsyncDisposable
{
    private const string SeedName = "seed";

    // The share of a search after which the range may go on.
    private const double WidenAfter = 2.0 / 3;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<Configuration, Study> _finals = [];
    private Study? _search;
    private Study? _beyond;
    private int _trials;
    private int _trialsBeyond;

    public Contender Contender => contender;

    /// <summary>Trials of the search that ended or were given away by <see cref="Begin"/>.</summary>
    public int Begun { get; private set; }

    /// <summary>Whether there is anything to search.</summary>
    public bool Searches => contender.Space.Count > 0;

    /// <summary>Opens what is in the journal.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        if (!Searches)
        {
            return;
        }

        _search = await OpenAsync("search", contender.Space, options.Pruner(), cancellation).ConfigureAwait(false);
        if (await ExistsAsync("beyond", cancellation).ConfigureAwait(false))
        {
            _beyond = await OpenAsync("beyond", null, options.Pruner(), cancellation).ConfigureAwait(false);
        }

        _trials = await _search.ViewAsync(static history => history.Finished.Count, cancellation).ConfigureAwait(false);
        _trialsBeyond = _beyond is null ? 0 : await _beyond.ViewAsync(static history => history.Finished.Count, cancellation).ConfigureAwait(false);
        Begun = _trials + _trialsBeyond;
    }

    /// <summary>Gives one more trial of the search away. Not for two threads at once.</summary>
    public void Begin() => Begun++;

    /// <summary>Runs one more trial of the search, which was given away before.</summary>
    /// <param name="run">Carries it out.</param>
    /// <param name="progress">How far the search is, from 0 to 1: late in it, the range may go on.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task SearchAsync(Func<RaceRun, CancellationToken, Task<TrialResult>> run, double progress, CancellationToken cancellation)
    {
        (Study study, int trials) = await NextOfSearchAsync(progress, cancellation).ConfigureAwait(false);
        await OptimizeAsync(study, trials, (trial, token) => run(new RaceRun(contender, trial.Configuration, options.Seed, options.SearchLength, IsSearch: true, trial), token), cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Runs the best settings with a seed, unless it is done.</summary>
    public async Task FinishAsync(Func<RaceRun, CancellationToken, Task<TrialResult>> run, long seed, CancellationToken cancellation)
    {
        if (await BestAsync(cancellation).ConfigureAwait(false) is not { } best)
        {
            return;
        }

        Study study = (await FinalAsync(best.Settings, make: true, cancellation).ConfigureAwait(false))!;
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        int trials;
        try
        {
            if (!await study.ViewAsync(history => history.Trials.Any(trial => SeedOf(trial.Configuration) == seed), cancellation).ConfigureAwait(false))
            {
                await study.EnqueueAsync(new Dictionary<string, ParameterValue> { [SeedName] = seed }, cancellation).ConfigureAwait(false);
            }

            trials = await study.ViewAsync(static history => history.Trials.Count, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }

        await OptimizeAsync(study, trials, (trial, token) => run(new RaceRun(contender, best.Settings, SeedOf(trial.Configuration), 1, IsSearch: false, trial), token), cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Whether a seed is done, or there is nothing that could be run.</summary>
    public async Task<bool> HasSeedAsync(long seed, CancellationToken cancellation) =>
        await BestAsync(cancellation).ConfigureAwait(false) is not { } best || (await FinalsAsync(best.Settings, cancellation).ConfigureAwait(false)).Any(trial => SeedOf(trial.Configuration) == seed);

    /// <summary>The best settings so far, and the parameters at whose ends they lie; none: no trial is complete.</summary>
    public async Task<LaneBest?> BestAsync(CancellationToken cancellation)
    {
        if (!Searches)
        {
            return new LaneBest(Configuration.Empty, double.NaN, []);
        }

        LaneBest? best = null;
        foreach (Study study in Searched())
        {
            LaneBest? own = await study.ViewAsync(
                static history => history.Best is { } found ? new LaneBest(found.Configuration, history.Loss(found), SpaceEdges.Of(history.Space, found.Configuration)) : null,
                cancellation).ConfigureAwait(false);
            best = best is null || own?.Loss < best.Loss ? own ?? best : best;
        }

        return best;
    }

    /// <summary>The finished trials of the search.</summary>
    public async Task<IReadOnlyList<TrialRecord>> SearchedAsync(CancellationToken cancellation)
    {
        List<TrialRecord> all = [];
        foreach (Study study in Searched())
        {
            all.AddRange(await study.ViewAsync(static history => history.Finished.ToArray(), cancellation).ConfigureAwait(false));
        }

        return all;
    }

    /// <summary>The finished runs at some settings.</summary>
    public async Task<IReadOnlyList<TrialRecord>> FinalsAsync(Configuration settings, CancellationToken cancellation)
    {
        return await FinalAsync(settings, make: false, cancellation).ConfigureAwait(false) is { } study
            ? await study.ViewAsync(static history => history.Finished.ToArray(), cancellation).ConfigureAwait(false)
            : [];
    }

    /// <summary>Whether the search went beyond its range.</summary>
    public bool WentBeyond => _beyond is not null;

    /// <summary>Seconds of one more trial of the search; none: none is done.</summary>
    public async Task<double?> SearchCostAsync(CancellationToken cancellation) => Cost(await SearchedAsync(cancellation).ConfigureAwait(false));

    /// <summary>Seconds that the search has taken.</summary>
    public async Task<double> SpentAsync(CancellationToken cancellation) => (await SearchedAsync(cancellation).ConfigureAwait(false)).Sum(static trial => trial.Duration.TotalSeconds);

    /// <summary>Seconds of one full run; none: not known.</summary>
    public async Task<double?> FullCostAsync(CancellationToken cancellation)
    {
        if (await BestAsync(cancellation).ConfigureAwait(false) is { } best && Cost(await FinalsAsync(best.Settings, cancellation).ConfigureAwait(false)) is { } measured)
        {
            return measured;
        }

        return await SearchCostAsync(cancellation).ConfigureAwait(false) / options.SearchLength;
    }

    public static long SeedOf(Configuration configuration) => configuration.Integer(SeedName);

    public async ValueTask DisposeAsync()
    {
        foreach (Study study in Searched().Concat(_finals.Values))
        {
            await study.DisposeAsync().ConfigureAwait(false);
        }

        _gate.Dispose();
    }

    // Pruned ones are cheaper than what is still to come.
    private static double? Cost(IReadOnlyList<TrialRecord> finished)
    {
        TrialRecord[] complete = [.. finished.Where(static trial => trial.State == TrialState.Complete)];
        return complete.Length > 0 ? complete.Average(static trial => trial.Duration.TotalSeconds)
            : finished.Count > 0 ? finished.Max(static trial => trial.Duration.TotalSeconds)
            : null;
    }

    private IEnumerable<Study> Searched() => new[] { _search, _beyond }.OfType<Study>();

    private async Task<(Study Study, int Trials)> NextOfSearchAsync(double progress, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_beyond is null && progress >= WidenAfter && await BestAsync(cancellation).ConfigureAwait(false) is { } best
                && SpaceEdges.Beyonds(contender.Space, best.Settings, contender.Widened) is { } space)
            {
                _beyond = await OpenAsync("beyond", space, options.Pruner(), cancellation).ConfigureAwait(false);
            }

            if (_beyond is null && contender.Start is { } start && await _search!.ViewAsync(static history => history.Trials.Count == 0, cancellation).ConfigureAwait(false))
            {
                await _search.EnqueueAsync(start, cancellation).ConfigureAwait(false);
            }

            return _beyond is null ? (_search!, ++_trials) : (_beyond, ++_trialsBeyond);
        }
        finally
        {
            _gate.Release();
        }
    }

    // Who only looks makes none: the best settings change as a search goes on.
    private async Task<Study?> FinalAsync(Configuration settings, bool make, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!_finals.TryGetValue(settings, out Study? study))
            {
                // Other settings, which a longer search may find, have runs of their own.
                string part = $"runs-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.ToString())))[..12]}";
                if (!make && !await ExistsAsync(part, cancellation).ConfigureAwait(false))
                {
                    return null;
                }

                SearchSpace seeds = new(Parameter.Integer(SeedName, -RaceOptions.LargestSeed, RaceOptions.LargestSeed));
                _finals[settings] = study = await OpenAsync(part, seeds, null, cancellation).ConfigureAwait(false);
            }

            return study;
        }
        finally
        {
            _gate.Release();
        }
    }

    private string NameOf(string part) => $"{race}/{contender.Name}/{part}";

    private async Task<bool> ExistsAsync(string part, CancellationToken cancellation) =>
        (await journal.ReadAsync(0, StudyEvents.StreamOf(NameOf(part)), 1, cancellation).ConfigureAwait(false)).Count > 0;

    private async Task<Study> OpenAsync(string part, SearchSpace? space, IPruner? pruner, CancellationToken cancellation) => await Study.OpenAsync(
        journal,
        NameOf(part),
        new StudyOptions
        {
            Space = space,
            Directions = [options.Direction],
            Seed = options.Seed,
            Pruner = pruner,
            Folder = options.Folder is { } folder ? Path.Combine(folder, contender.Name, part) : null,
            Lease = options.Lease,
            Clock = options.Clock,
        },
        cancellation).ConfigureAwait(false);

    private Task OptimizeAsync(Study study, int trials, Func<Trial, CancellationToken, Task<TrialResult>> run, CancellationToken cancellation) =>
        study.OptimizeAsync(run, new OptimizeOptions { Trials = trials, Grace = options.Grace }, cancellation);
}

/// <summary>The best that a search found.</summary>
/// <param name="Settings">The point.</param>
/// <param name="Loss">Its result, such that smaller is better.</param>
/// <param name="AtEdge">The parameters at whose ends it lies.</param>
internal sealed record LaneBest(Configuration Settings, double Loss, IReadOnlyList<string> AtEdge);
