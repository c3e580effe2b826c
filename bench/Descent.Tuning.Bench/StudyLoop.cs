using System.Diagnostics;

namespace Descent.Tuning.Bench;

/// <summary>A study without a journal: one trial after the other.</summary>
internal static class StudyLoop
{
    /// <summary>Runs trials and returns the least loss and the seconds that the sampler took.</summary>
    public static (double Least, double Seconds) Run(ISampler sampler, Problem problem, int trials, long seed)
    {
        TrialHistory history = new(problem.Space, [Direction.Minimize]);
        double least = double.PositiveInfinity;
        Stopwatch watch = new();
        for (int i = 0; i < trials; i++)
        {
            watch.Start();
            Proposal? proposal = Proposer.Propose(sampler, history, seed);
            watch.Stop();
            if (proposal is null)
            {
                break;
            }

            least = Math.Min(least, Tell(history, proposal, problem.Evaluate(proposal.Configuration)));
        }

        return (least, watch.Elapsed.TotalSeconds);
    }

    /// <summary>Adds a finished trial.</summary>
    public static double Tell(TrialHistory history, Proposal proposal, double loss)
    {
        TrialRecord trial = history.Add(proposal.Configuration);
        (trial.Parent, trial.Tag) = (proposal.Parent, proposal.Tag);
        history.Finish(trial, TrialState.Complete, [loss]);
        return loss;
    }
}
