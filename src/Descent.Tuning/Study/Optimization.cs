using Descent.Journal;

namespace Descent.Tuning;

/// <summary>The loop of a worker: ask, run, tell.</summary>
internal sealed class Optimization(Study study, Func<Trial, CancellationToken, Task<TrialResult>> objective, OptimizeOptions options)
{
    /// <summary>How often a worker that has nothing to do looks whether another's trial has become free.</summary>
    private readonly TimeSpan _pause = study.Options.Lease / 8 < TimeSpan.FromSeconds(1) ? study.Options.Lease / 8 : TimeSpan.FromSeconds(1);

    private readonly long _start = study.Clock.GetTimestamp();

    public async Task RunAsync(CancellationToken cancellation)
    {
        options.Check();
        using CancellationTokenSource all = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] workers = [.. Enumerable.Range(0, options.Workers).Select(_ => Task.Run(() => WorkAsync(all), CancellationToken.None))];
        await Task.WhenAll(workers).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
    }

    private async Task WorkAsync(CancellationTokenSource all)
    {
        try
        {
            while (options.Time is not { } time || study.Clock.GetElapsedTime(_start) < time)
            {
                AskOutcome asked = await study.TryAskAsync(options.Trials ?? int.MaxValue, all.Token).ConfigureAwait(false);
                if (asked.Trial is { } trial)
                {
                    await RunAsync(trial, all.Token).ConfigureAwait(false);
                }
                else if (asked.MayComeMore)
                {
                    await Task.Delay(_pause, study.Clock, all.Token).ConfigureAwait(false);
                }
                else
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (all.IsCancellationRequested)
        {
            // Said once, by RunAsync; or another worker's fault is.
        }
        catch
        {
            // One that can't go on takes the others of this process with it.
            await all.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunAsync(Trial trial, CancellationToken cancellation)
    {
        // What there is to say is said even while stopping, but the journal isn't waited for without end then.
        using CancellationTokenSource late = new(Timeout.InfiniteTimeSpan, study.Clock);
        using CancellationTokenRegistration stopping = cancellation.Register(() => late.CancelAfter(options.Grace));
        await using TrialWatch watch = new(trial, options.Limits, options.MemoryOf ?? (static _ => Environment.WorkingSet), study.Clock);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, trial.Cancellation, watch.Exceeded);
        Task<TrialResult> running = Task.Run(() => objective(trial, stop.Token), CancellationToken.None);
        try
        {
            if (!await ReturnsAsync(running, stop.Token).ConfigureAwait(false))
            {
                await EndAsync(trial, new OperationCanceledException(), watch, cancellation, late.Token).ConfigureAwait(false);
                throw new StudyException(
                    $"Trial {trial.Number} was cancelled and did not return within {options.Grace.TotalSeconds:0.#} s. It can't be stopped from within its process: end the process. An objective has to look at its cancellation token.");
            }

            TrialResult result;
            try
            {
                result = await running.ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not StudyException and not JournalException)
            {
                await EndAsync(trial, fault, watch, cancellation, late.Token).ConfigureAwait(false);
                return;
            }

            await study.TellAsync(trial, result, late.Token).ConfigureAwait(false);
        }
        catch (LeaseLostException)
        {
            // Another has it. What there is to do next, the journal says.
        }
        catch (StudyException)
        {
            // This worker can't go on; another may.
            await GiveBackAsync(trial, late.Token).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask GiveBackAsync(Trial trial, CancellationToken late)
    {
        try
        {
            await study.ReleaseAsync(trial, "its worker could not go on", failure: false, late).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is LeaseLostException or StudyException or JournalException or OperationCanceledException)
        {
            // The lease will run out. What is thrown on says more.
        }
    }

    /// <summary>Waits for an objective, after its cancellation only for so long.</summary>
    private async Task<bool> ReturnsAsync(Task running, CancellationToken stop)
    {
        Task ended = running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await ended.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            try
            {
                await ended.WaitAsync(options.Grace, study.Clock, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>After an objective that threw: what happened to its trial?</summary>
    private async ValueTask EndAsync(Trial trial, Exception fault, TrialWatch watch, CancellationToken cancellation, CancellationToken late)
    {
        bool stopped = fault is OperationCanceledException;
        if (stopped && watch.Reason is { } exceeded)
        {
            await study.TellAsync(trial, TrialResult.Failed(exceeded), late).ConfigureAwait(false);
        }
        else if (fault is LeaseLostException || (stopped && trial.Cancellation.IsCancellationRequested))
        {
            // It may be ours still, where only the journal was away for long.
            await study.ReleaseAsync(trial, "its worker could not renew the lease in time", failure: false, late).ConfigureAwait(false);
        }
        else if (stopped && cancellation.IsCancellationRequested)
        {
            await study.ReleaseAsync(trial, "its worker was stopped", failure: false, late).ConfigureAwait(false);
        }
        else
        {
            string reason = $"{fault.GetType().Name}: {fault.Message}";
            if (await study.FailuresAsync(trial, late).ConfigureAwait(false) < options.Retries)
            {
                await study.ReleaseAsync(trial, reason, failure: true, late).ConfigureAwait(false);
            }
            else
            {
                await study.TellAsync(trial, TrialResult.Failed(reason), late).ConfigureAwait(false);
            }
        }
    }
}
