namespace Descent.Tuning.Tests.Samplers;

/// <summary>Studies without a journal, for tests of samplers.</summary>
internal static class SamplerRun
{
    /// <summary>The next trial, as a study asks for it; none: there is nothing left.</summary>
    public static TrialRecord? Ask(ISampler sampler, TrialHistory history, long seed = 0)
    {
        if (Proposer.Propose(sampler, history, seed) is not { } proposal)
        {
            return null;
        }

        TrialRecord trial = history.Add(proposal.Configuration);
        (trial.Parent, trial.Tag, trial.State) = (proposal.Parent, proposal.Tag, TrialState.Running);
        return trial;
    }

    /// <summary>Runs so many trials, one after the other, or fewer where the sampler has nothing left.</summary>
    public static TrialHistory Run(ISampler sampler, SearchSpace space, int trials, Func<Configuration, double> loss, long seed = 0)
    {
        TrialHistory history = new(space, [Direction.Minimize]);
        Run(sampler, history, trials, configuration => [loss(configuration)], seed);
        return history;
    }

    /// <summary>Runs so many more trials.</summary>
    public static void Run(ISampler sampler, TrialHistory history, int trials, Func<Configuration, double[]> objectives, long seed = 0)
    {
        for (int i = 0; i < trials && Ask(sampler, history, seed) is { } trial; i++)
        {
            history.Finish(trial, TrialState.Complete, objectives(trial.Configuration));
        }
    }

    /// <summary>Adds a finished trial that no sampler proposed.</summary>
    public static TrialRecord Tell(TrialHistory history, double[] unit, double loss, string? tag = null)
    {
        TrialRecord trial = history.Add(history.Space.FromUnit(unit));
        trial.Tag = tag;
        history.Finish(trial, TrialState.Complete, [loss]);
        return trial;
    }
}
