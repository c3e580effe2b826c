using Descent.Tuning;

namespace Descent.Tuning.Bench;

/// <summary>Something to minimise whose least value is known.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Space">The space.</param>
/// <param name="Evaluate">The loss at a point.</param>
/// <param name="Least">The least loss.</param>
/// <param name="Scale">What a regret is divided by; 0: the median of points by chance, less the least.</param>
internal sealed record Problem(string Name, SearchSpace Space, Func<Configuration, double> Evaluate, double Least, double Scale = 0)
{
    private readonly Lazy<double> _scale = new(() => Scale > 0 ? Scale : MedianByChance(Space, Evaluate) - Least);

    /// <summary>How far a loss is from the best one, as a part of the scale.</summary>
    public double Regret(double loss) => (loss - Least) / _scale.Value;

    private static double MedianByChance(SearchSpace space, Func<Configuration, double> evaluate)
    {
        double[] losses = new double[4001];
        CounterRandom random = new(7);
        double[] unit = new double[space.Count];
        for (int i = 0; i < losses.Length; i++)
        {
            for (int j = 0; j < unit.Length; j++)
            {
                unit[j] = random.NextDouble();
            }

            losses[i] = evaluate(space.FromUnit(unit));
        }

        Array.Sort(losses);
        return losses[losses.Length / 2];
    }
}
