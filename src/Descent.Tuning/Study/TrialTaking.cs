using Descent.Journal;

namespace Descent.Tuning;

/// <summary>How a worker gets trials: it appends that it takes one, and sees in the log whether it was the first.</summary>
internal sealed class TrialTaking(StudyLog log, LeaseKeeper leases, StudyOptions options)
{
    private bool _joined;

    /// <summary>A trial that is free, else a new one, as long as there are fewer than wanted.</summary>
    public async ValueTask<AskOutcome> AskAsync(Study study, StudyLog.Session session, int trials, CancellationToken cancellation)
    {
        if (!_joined)
        {
            // Shows the journal's clock, besides who works here.
            await session.AppendAsync(log.Events.WorkerJoined(options.Worker), cancellation).ConfigureAwait(false);
            _joined = true;
        }

        TrialHistory history = session.State.History!;
        while (true)
        {
            long start = log.Clock.GetTimestamp();
            TrialRecord? won;
            if (history.Unfinished.FirstOrDefault(trial => IsFree(session, trial)) is { } free)
            {
                won = await ClaimAsync(session, free, cancellation).ConfigureAwait(false);
            }
            else if (history.Trials.Count >= trials || Proposer.Propose(options.Sampler, history, session.State.Seed) is not { } proposal)
            {
                return new AskOutcome(null, history.Unfinished.Count > 0);
            }
            else
            {
                won = await CreateAsync(session, proposal, options.Worker, cancellation).ConfigureAwait(false);
            }

            if (won is not null)
            {
                Trial trial = new(study, won, session.State.LeaseOf(won).Token, options.Folder, new CancellationTokenSource(leases.Hold, log.Clock));
                trial.Extend(leases.Hold - log.Clock.GetElapsedTime(start));
                leases.Add(trial);
                return new AskOutcome(trial, true);
            }
        }
    }

    /// <summary>Tries to make a trial, for this worker or for whoever asks first; none: another took its number.</summary>
    public async ValueTask<TrialRecord?> CreateAsync(StudyLog.Session session, Proposal proposal, string? worker, CancellationToken cancellation)
    {
        TrialHistory history = session.State.History!;
        int number = history.Trials.Count;
        try
        {
            _ = history.Space.ToUnit(proposal.Configuration);
        }
        catch (ArgumentException fault)
        {
            throw new StudyException($"The sampler proposed {proposal.Configuration}, which is no point of the space: {fault.Message}", fault);
        }

        if (proposal.Parent is { } parent && (parent < 0 || parent >= number))
        {
            throw new StudyException($"The sampler proposed trial {number} with the parent {parent}; allowed: a trial before it, or none.");
        }

        AppendReceipt receipt = await session.AppendAsync(log.Events.TrialCreated(number, proposal, worker, options.Lease), cancellation).ConfigureAwait(false);
        // A worker that was suspended meanwhile may have lost it again.
        return session.State.Counted(receipt.First) && (worker is null || session.State.Holds(number, receipt.First)) ? history.Trials[number] : null;
    }

    private static bool IsFree(StudyLog.Session session, TrialRecord trial) =>
        trial.State == TrialState.Waiting || session.Now >= session.State.LeaseOf(trial).Expiry;

    /// <summary>Tries to take a trial up; none: another was faster, or the trial has cost too many workers.</summary>
    private async ValueTask<TrialRecord?> ClaimAsync(StudyLog.Session session, TrialRecord trial, CancellationToken cancellation)
    {
        string? last = trial.Worker;
        AppendReceipt receipt = await session.AppendAsync(log.Events.TrialClaimed(trial.Number, options.Worker, options.Lease), cancellation).ConfigureAwait(false);
        if (!session.State.Holds(trial.Number, receipt.First))
        {
            return null;
        }

        int losses = session.State.LeaseOf(trial).Losses;
        if (losses < options.MaximumLosses)
        {
            return trial;
        }

        TrialResult failed = TrialResult.Failed($"its workers died or fell silent {losses} times, the last one {last}");
        await session.AppendAsync(log.Events.TrialFinished(trial.Number, receipt.First, failed, failed.Reason), cancellation).ConfigureAwait(false);
        return null;
    }
}
