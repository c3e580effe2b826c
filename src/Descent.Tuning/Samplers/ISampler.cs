namespace Descent.Tuning;

/// <summary>Chooses what to try next.</summary>
public interface ISampler
{
    /// <summary>The next trial: a function of the history and the random numbers, and of nothing else.</summary>
    /// <remarks>
    /// A proposal that breaks a constraint of the space is refused, and the sampler is asked again with other random numbers; after a hundred of those a point
    /// is drawn at random. Calls of one study come one at a time.
    /// </remarks>
    /// <param name="history">All trials so far, those of other workers too.</param>
    /// <param name="space">The search space.</param>
    /// <param name="random">Numbers seeded by the study's seed, the number of the trial and the attempt.</param>
    /// <returns>What to try; none: there is nothing left to try, and the study ends.</returns>
    Proposal? Propose(TrialHistory history, SearchSpace space, CounterRandom random);
}
