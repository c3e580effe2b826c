namespace Descent.Tuning.Samplers;

/// <summary>Every point of the unit cube with the same chance, whatever came before.</summary>
/// <remarks>Reference: Bergstra, Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 2012.</remarks>
public sealed class RandomSampler : ISampler
{
    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(random);
        double[] unit = new double[space.Count];
        for (int i = 0; i < unit.Length; i++)
        {
            unit[i] = random.NextDouble();
        }

        return new Proposal(space.FromUnit(unit));
    }
}
