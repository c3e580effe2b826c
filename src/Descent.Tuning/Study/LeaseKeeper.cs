using System.Collections.Concurrent;
using Descent.Journal;

namespace Descent.Tuning;

/// <summary>Renews the leases of the trials this worker holds, all in one batch, every quarter of their time.</summary>
internal sealed class LeaseKeeper(StudyLog log, TimeSpan lease) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, Trial> _held = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _starting = new();
    private Task? _renewing;

    /// <summary>How long after the last renewal that reached the journal a trial has to stop: the last third is for stopping.</summary>
    public TimeSpan Hold => lease * 2 / 3;

    public void Add(Trial trial)
    {
        _held[trial.Token] = trial;
        lock (_starting)
        {
            _renewing ??= Task.Run(RenewAsync);
        }
    }

    public void Remove(Trial trial)
    {
        if (_held.TryRemove(trial.Token, out _))
        {
            trial.End();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_renewing is not null)
        {
            await _renewing.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(lease / 4, log.Clock, _stop.Token).ConfigureAwait(false);
                Trial[] trials = [.. _held.Values];
                if (trials.Length > 0)
                {
                    await RenewAsync(trials).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed of.
        }
    }

    private async Task RenewAsync(Trial[] trials)
    {
        // From before the append: the journal's time of the renewal is not earlier.
        long start = log.Clock.GetTimestamp();
        try
        {
            NewEvent[] renewals = [.. trials.Select(trial => log.Events.TrialRenewed(trial.Number, trial.Token))];
            bool[] held = await log.AppendAsync(renewals, (state, _) => trials.Select(trial => state.Holds(trial.Number, trial.Token)).ToArray(), _stop.Token).ConfigureAwait(false);
            for (int i = 0; i < trials.Length; i++)
            {
                trials[i].Extend(held[i] ? Hold - log.Clock.GetElapsedTime(start) : TimeSpan.Zero);
            }
        }
        catch (Exception fault) when (fault is JournalException or StudyException)
        {
            // The next try may do better; until then the trials' own time runs. Who reports or asks gets to see the fault.
        }
    }
}
