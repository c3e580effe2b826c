using Descent.Journal;

namespace Descent.Tuning;

/// <summary>Trials of one search space towards one or several objectives, kept in a journal and shared by all workers that open it.</summary>
/// <remarks>
/// <para>A study is a fold over its events in the journal. Any number of workers, in threads, processes and on machines, ask it for trials and tell it results; none
/// of them is special, and each may die at any moment.</para>
/// <para>A worker has a trial by lease: see <see cref="StudyOptions.Lease"/>. When it dies, another takes the trial up from its folder. What an old holder says
/// after that is refused.</para>
/// <para>With one worker, the same seed gives the same trials.</para>
/// </remarks>
/// <example>
/// <code>
/// await using Study study = await Study.OpenAsync("tuning.db", "first", new StudyOptions { Space = space });
/// await study.OptimizeAsync(async (trial, cancellation) => await TrainAsync(trial.Configuration, cancellation), new OptimizeOptions { Trials = 100 });
/// </code>
/// </example>
public sealed class Study : IAsyncDisposable
{
    private readonly StudyLog _log;
    private readonly LeaseKeeper _leases;
    private readonly IJournal? _owned;
    private readonly TrialTaking _taking;

    private Study(StudyLog log, string name, StudyOptions options, IJournal? owned, StudyState state)
    {
        (_log, Name, Options, _owned) = (log, name, options, owned);
        (Space, Directions) = (state.History!.Space, state.History.Directions);
        Objectives = state.Objectives.Count > 0 ? state.Objectives : options.Objectives ?? [];
        _leases = new LeaseKeeper(log, options.Lease);
        _taking = new TrialTaking(log, _leases, options);
    }

    /// <summary>The name, by which others open the same study.</summary>
    public string Name { get; }

    /// <summary>What is searched.</summary>
    public SearchSpace Space { get; }

    /// <summary>Which way each objective gets better.</summary>
    public IReadOnlyList<Direction> Directions { get; }

    /// <summary>What the objectives are called, in the order of <see cref="Directions"/>; empty: nobody named them.</summary>
    public IReadOnlyList<string> Objectives { get; }

    /// <summary>What it was opened with.</summary>
    public StudyOptions Options { get; }

    internal TimeProvider Clock => _log.Clock;

    /// <summary>Opens a study, or makes it where there is none, in a journal that is opened for it.</summary>
    /// <param name="journal">The journal's URL: see <see cref="JournalCatalog"/>.</param>
    /// <param name="name">The study's name.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StudyException">The study there searches something else, or nothing is said of what to search.</exception>
    /// <exception cref="JournalException">The journal can't be used.</exception>
    public static async ValueTask<Study> OpenAsync(string journal, string name, StudyOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        IJournal opened = await JournalCatalog.OpenAsync(journal, cancellation: cancellation).ConfigureAwait(false);
        try
        {
            return await OpenAsync(opened, name, options, opened, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a study, or makes it where there is none, in a journal that stays the caller's.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="name">The study's name.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StudyException">The study there searches something else, or nothing is said of what to search.</exception>
    /// <exception cref="JournalException">The journal can't be used.</exception>
    public static ValueTask<Study> OpenAsync(IJournal journal, string name, StudyOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(options);
        return OpenAsync(journal, name, options, null, cancellation);
    }

    /// <summary>A trial to run: one that waits or was orphaned, else a new one. None: the sampler has nothing left to try.</summary>
    /// <remarks>The trial is this worker's until <see cref="TellAsync"/>, as long as its lease lasts; it is renewed in the background.</remarks>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<Trial?> AskAsync(CancellationToken cancellation = default) =>
        (await TryAskAsync(int.MaxValue, cancellation).ConfigureAwait(false)).Trial;

    /// <summary>Tells how a trial ended.</summary>
    /// <param name="trial">A trial that <see cref="AskAsync"/> gave.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LeaseLostException">The trial is no longer this worker's; the result is refused.</exception>
    /// <exception cref="ArgumentException">There are more or fewer results than objectives.</exception>
    public async ValueTask TellAsync(Trial trial, TrialResult result, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(trial);
        ArgumentNullException.ThrowIfNull(result);
        if (result.State == TrialState.Complete && result.Objectives.Count != Directions.Count)
        {
            throw new ArgumentException($"Trial {trial.Number} has {result.Objectives.Count} results; the study has {Directions.Count} objectives.", nameof(result));
        }

        string? reason = result.Reason ?? (result.State == TrialState.Pruned ? trial.LastDecision.Reason : null);
        await SayAsync(trial, _log.Events.TrialFinished(trial.Number, trial.Token, result, reason), static (_, _) => true, cancellation, ends: true).ConfigureAwait(false);
    }

    /// <summary>Gives a trial back unfinished: another worker, or this one, takes it up from its folder at once.</summary>
    /// <param name="trial">A trial that <see cref="AskAsync"/> gave.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LeaseLostException">The trial is no longer this worker's.</exception>
    public ValueTask ReleaseAsync(Trial trial, string reason, CancellationToken cancellation = default) => ReleaseAsync(trial, reason, failure: false, cancellation);

    /// <summary>Puts a point of one's own first: the next worker that asks gets it.</summary>
    /// <param name="point">A value for each parameter that is there.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The number of its trial.</returns>
    /// <exception cref="SearchSpaceException">The point is none of the space.</exception>
    public async ValueTask<int> EnqueueAsync(IReadOnlyDictionary<string, ParameterValue> point, CancellationToken cancellation = default)
    {
        Proposal proposal = new(Space.Point(point));
        while (true)
        {
            if (await _log.WithAsync(session => _taking.CreateAsync(session, proposal, null, cancellation), cancellation).ConfigureAwait(false) is { } created)
            {
                return created.Number;
            }
        }
    }

    /// <summary>Looks at the trials, as they stand in the journal now.</summary>
    /// <typeparam name="T">What is wanted.</typeparam>
    /// <param name="view">Takes it out of the history, which must not be kept: it goes on changing. Finished trials may be kept.</param>
    /// <param name="cancellation">Gives up.</param>
    public ValueTask<T> ViewAsync<T>(Func<TrialHistory, T> view, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(view);
        return _log.WithAsync(session => new ValueTask<T>(view(session.State.History!)), cancellation);
    }

    /// <summary>The trial that is best at the first objective so far; none: none is complete.</summary>
    /// <param name="cancellation">Gives up.</param>
    public ValueTask<TrialRecord?> BestAsync(CancellationToken cancellation = default) => ViewAsync(static history => history.Best, cancellation);

    /// <summary>The Pareto front so far: <see cref="TrialHistory.Front"/>.</summary>
    /// <param name="cancellation">Gives up.</param>
    public ValueTask<IReadOnlyList<TrialRecord>> FrontAsync(CancellationToken cancellation = default) => ViewAsync(static history => history.Front(), cancellation);

    /// <summary>Runs trials until there are as many as wanted and all have ended, whoever runs them.</summary>
    /// <param name="objective">Runs a trial. The token is cancelled when it should stop; what it throws makes the trial fail, and the study goes on.</param>
    /// <param name="options">How many, how long, with what limits.</param>
    /// <param name="cancellation">Stops: the objectives are cancelled and their trials given back.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Task OptimizeAsync(Func<Trial, CancellationToken, Task<TrialResult>> objective, OptimizeOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(options);
        return new Optimization(this, objective, options).RunAsync(cancellation);
    }

    /// <summary>Runs trials of a function that is just computed, until there are as many as wanted.</summary>
    /// <param name="objective">The function.</param>
    /// <param name="trials">How many trials there are to be in the study.</param>
    /// <param name="cancellation">Stops after the trial under way.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Task OptimizeAsync(Func<Trial, double> objective, int trials, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(objective);
        return OptimizeAsync((trial, _) => Task.FromResult<TrialResult>(objective(trial)), new OptimizeOptions { Trials = trials }, cancellation);
    }

    /// <summary>Stops renewing leases, and closes the journal if it was opened for the study.</summary>
    public async ValueTask DisposeAsync()
    {
        await _leases.DisposeAsync().ConfigureAwait(false);
        _log.Dispose();
        if (_owned is not null)
        {
            await _owned.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal ValueTask<AskOutcome> TryAskAsync(int trials, CancellationToken cancellation) =>
        _log.WithAsync(session => _taking.AskAsync(this, session, trials, cancellation), cancellation);

    internal async ValueTask ReleaseAsync(Trial trial, string reason, bool failure, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trial);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        await SayAsync(trial, _log.Events.TrialReleased(trial.Number, trial.Token, reason, failure), static (_, _) => true, cancellation, ends: true).ConfigureAwait(false);
    }

    internal ValueTask<int> FailuresAsync(Trial trial, CancellationToken cancellation) =>
        _log.WithAsync(session => new ValueTask<int>(session.State.LeaseOf(trial.Record).Failures), cancellation);

    internal ValueTask<PruningDecision> ReportAsync(Trial trial, long step, double value, CancellationToken cancellation) => SayAsync(
        trial,
        _log.Events.TrialReported(trial.Number, trial.Token, step, value),
        (history, record) => Options.Pruner?.Decide(history, record) ?? PruningDecision.Continue,
        cancellation);

    internal ValueTask<bool> NoteAsync(Trial trial, string key, string text, CancellationToken cancellation) =>
        SayAsync(trial, _log.Events.TrialNoted(trial.Number, trial.Token, key, text), static (_, _) => true, cancellation);

    private static async ValueTask<Study> OpenAsync(IJournal journal, string name, StudyOptions options, IJournal? owned, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new StudyException("The study has no name; allowed: one under which others find it.");
        }

        StudyLog log = new(journal, StudyEvents.StreamOf(name), options.Clock);
        StudyState state = await log.WithAsync(
            async session =>
            {
                if (session.State.History is null)
                {
                    SearchSpace space = options.Space ?? throw new StudyException($"There is no study '{name}' in the journal, and none can be made without a search space. Give one, or name another study.");
                    IReadOnlyList<Direction> directions = options.Directions ?? [Direction.Minimize];
                    StudyAgreement.CheckNames(name, directions.Count, options);
                    await session.AppendAsync(log.Events.StudyCreated(space, directions, options.Objectives, options.Seed ?? 0), cancellation).ConfigureAwait(false);
                }

                StudyAgreement.Check(name, session.State, options);
                return session.State;
            },
            cancellation).ConfigureAwait(false);
        return new Study(log, name, options, owned, state);
    }

    /// <summary>Appends what a trial's holder has to say, and fails if it holds it no longer.</summary>
    private async ValueTask<T> SayAsync<T>(Trial trial, NewEvent said, Func<TrialHistory, TrialRecord, T> then, CancellationToken cancellation, bool ends = false)
    {
        try
        {
            long start = Clock.GetTimestamp();
            (bool taken, T value) = await _log.AppendAsync(
                [said],
                // Counted, and not lost since: the answer may have been long on its way.
                (state, receipt) => state.Counted(receipt.First) && (ends || state.Holds(trial.Number, trial.Token))
                    ? (true, then(state.History!, trial.Record))
                    : (false, default(T)!),
                cancellation).ConfigureAwait(false);
            if (!taken)
            {
                trial.Extend(TimeSpan.Zero);
                throw new LeaseLostException(trial.Number, $"{trial.Record.Worker} has it, or had it last");
            }

            trial.Extend(_leases.Hold - Clock.GetElapsedTime(start));
            return value;
        }
        finally
        {
            if (ends)
            {
                _leases.Remove(trial);
            }
        }
    }
}
