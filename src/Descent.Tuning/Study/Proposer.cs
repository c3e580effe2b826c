namespace Descent.Tuning;

/// <summary>Asks a sampler until it proposes a point that keeps the space's constraints.</summary>
internal static class Proposer
{
    private const int Attempts = 100;
    private const int RandomAttempts = 10_000;

    // Keeps the numbers of points drawn at random apart from those that the sampler was given.
    private const long Drawn = -1;

    /// <summary>The next proposal, a function of the history and the seed; none: the sampler has nothing left.</summary>
    public static Proposal? Propose(ISampler sampler, TrialHistory history, long seed)
    {
        SearchSpace space = history.Space;
        int number = history.Trials.Count;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (sampler.Propose(history, space, new CounterRandom(seed, number, attempt)) is not { } proposal)
            {
                return null;
            }

            if (space.IsFeasible(proposal.Configuration))
            {
                return proposal;
            }
        }

        CounterRandom random = new(seed, number, Drawn);
        double[] unit = new double[space.Count];
        for (int attempt = 0; attempt < RandomAttempts; attempt++)
        {
            for (int i = 0; i < unit.Length; i++)
            {
                unit[i] = random.NextDouble();
            }

            Configuration drawn = space.FromUnit(unit);
            if (space.IsFeasible(drawn))
            {
                return new Proposal(drawn);
            }
        }

        throw new StudyException(
            $"None of {RandomAttempts} random points keeps the constraints ({string.Join("; ", space.Constraints)}). Loosen them, or choose ranges in which they are kept more often.");
    }
}
