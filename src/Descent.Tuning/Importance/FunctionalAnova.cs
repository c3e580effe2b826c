namespace Descent.Tuning.Importance;

/// <summary>
/// What mattered: the variance of an objective over the whole search space, split into what each parameter explains alone and what pairs explain together. Computed
/// exactly on a random forest that is fitted to the trials.
/// </summary>
/// <remarks>
/// <para>
/// The marginal of parameters U is f_U(x_U) = the mean of f over all other parameters, which on a tree is a sum over leaves; the importance of one parameter is
/// Var f_U / Var f, of two that of f_U less both parts. A parameter that isn't there counts as lying in the middle of its scale.
/// </para>
/// <para>
/// It is about the space, not about the best region: a parameter whose extremes are disastrous is important even where all good trials agree on it. A worst quantile below 1
/// asks about the better region. Reference: Hutter, Hoos, Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance", ICML 2014, algorithm 2.
/// </para>
/// </remarks>
public sealed class FunctionalAnova
{
    private const int Trees = 64; // as in Optuna
    private const int LargestSample = 1000; // rows that a tree learns from: more make its boxes finer, not the shares better

    private readonly string[] _names;
    private readonly RegressionTree[] _trees;

    private FunctionalAnova(string[] names, RegressionTree[] trees, int trials) => (_names, _trees, Trials) = (names, trees, trials);

    /// <summary>How many trials it learned from.</summary>
    public int Trials { get; }

    /// <summary>The names of the space's parameters, in its order.</summary>
    public IReadOnlyList<string> Parameters => _names;

    /// <summary>Fits a forest to the complete trials of a study.</summary>
    /// <param name="history">The study's trials.</param>
    /// <param name="objective">Which objective. Default: the first.</param>
    /// <param name="worstQuantile">Losses above this quantile count as that quantile; 0 to 1. Default 1: all count as they are.</param>
    /// <param name="seed">Of the forest.</param>
    /// <returns>The analysis; none: there are fewer than four complete trials with finite objectives, or all are the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such objective, or the quantile is outside its range.</exception>
    public static FunctionalAnova? Of(TrialHistory history, int objective = 0, double worstQuantile = 1, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (objective < 0 || objective >= history.Directions.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(objective), objective, $"There is no objective {objective}; allowed: from 0 to {history.Directions.Count - 1}.");
        }

        Allowed.Between(worstQuantile, 0, 1, nameof(worstQuantile));
        TrialRecord[] trials = [.. history.Finished.Where(trial => trial.State == TrialState.Complete && double.IsFinite(history.Loss(trial, objective)))];
        if (trials.Length < 4)
        {
            return null;
        }

        double[] losses = [.. trials.Select(trial => history.Loss(trial, objective))];
        double most = losses.Order().ElementAt((int)Math.Round(worstQuantile * (losses.Length - 1)));
        losses = [.. losses.Select(loss => Math.Min(loss, most))];
        if (losses.Max() == losses.Min())
        {
            return null;
        }

        SearchSpace space = history.Space;
        double[][] columns = [.. Enumerable.Range(0, space.Count).Select(j => trials.Select(trial => double.IsNaN(trial.Unit[j]) ? 0.5 : trial.Unit[j]).ToArray())];
        int[] choices = [.. space.Parameters.Select(static parameter => parameter.IsOrdered ? 0 : (int)parameter.Count!)];
        RegressionTree[] trees = [.. Enumerable.Range(0, Trees).Select(tree =>
        {
            CounterRandom random = new(seed, tree);
            return RegressionTree.Grow(columns, losses, choices, [.. Enumerable.Range(0, Math.Min(trials.Length, LargestSample)).Select(_ => (int)random.NextInteger(trials.Length))]);
        })];
        return new FunctionalAnova([.. space.Parameters.Select(static parameter => parameter.Name)], trees, trials.Length);
    }

    /// <summary>What each parameter explains alone, the most important first.</summary>
    public IReadOnlyList<ParameterImportance> MainEffects() =>
        [.. Enumerable.Range(0, _names.Length).Select(j => Share([j])).OrderByDescending(static importance => importance.Share)];

    /// <summary>What pairs of parameters explain beyond each alone, the most important first.</summary>
    public IReadOnlyList<ParameterImportance> Interactions() =>
        [.. Enumerable.Range(0, _names.Length)
            .SelectMany(a => Enumerable.Range(a + 1, _names.Length - a - 1).Select(b => Share([a, b])))
            .OrderByDescending(static importance => importance.Share)];

    /// <summary>The mean loss at places of one parameter, over all values of the others: what its slice of the report shows.</summary>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="places">Places in its unit interval.</param>
    /// <returns>For each place the mean over the trees and their standard deviation, as losses: smaller is better.</returns>
    /// <exception cref="ArgumentException">There is no such parameter.</exception>
    public (double Mean, double Deviation)[] Marginal(string parameter, IReadOnlyList<double> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        int dimension = Array.IndexOf(_names, parameter);
        if (dimension < 0)
        {
            throw new ArgumentException($"There is no parameter '{parameter}'. There are: {string.Join(", ", _names)}.", nameof(parameter));
        }

        return [.. places.Select(place => Spread([.. _trees.Select(tree => MarginalAt(tree, dimension, Math.Clamp(place, 0, 1 - 1e-15)))]))];
    }

    private ParameterImportance Share(int[] dimensions)
    {
        (double mean, double deviation) = Spread([.. _trees.Select(tree => ShareOf(tree, dimensions))]);
        return new ParameterImportance([.. dimensions.Select(j => _names[j])], mean, deviation);
    }

    private static double ShareOf(RegressionTree tree, int[] dimensions)
    {
        double mean = 0;
        double square = 0;
        foreach (RegressionTree.Leaf leaf in tree.Leaves)
        {
            mean += leaf.Volume * leaf.Value;
            square += leaf.Volume * leaf.Value * leaf.Value;
        }

        double variance = square - (mean * mean);
        if (!(variance > 1e-14 * square))
        {
            return 0;
        }

        double share = VarianceOf(tree, dimensions, mean) / variance;
        return dimensions.Length == 1 ? share : Math.Max(0, share - dimensions.Sum(dimension => VarianceOf(tree, [dimension], mean) / variance));
    }

    /// <summary>The variance of the marginal of one or two dimensions: over the parts into which the tree cuts them.</summary>
    private static double VarianceOf(RegressionTree tree, int[] dimensions, double mean)
    {
        (double Middle, double Length)[] first = tree.Parts(dimensions[0]);
        (double Middle, double Length)[] second = dimensions.Length == 2 ? tree.Parts(dimensions[1]) : [(0.5, 1)];
        double[,] marginal = new double[first.Length + 1, second.Length + 1];
        foreach (RegressionTree.Leaf leaf in tree.Leaves)
        {
            double rest = leaf.Value;
            for (int j = 0; j < leaf.Box.Length; j++)
            {
                rest *= dimensions.Contains(j) ? 1 : leaf.Box[j].Length;
            }

            // A rectangle is added at its corners; the sums below fill it.
            foreach ((int top, int bottom) in leaf.Box[dimensions[0]].Ranges(first))
            {
                foreach ((int left, int right) in dimensions.Length == 2 ? leaf.Box[dimensions[1]].Ranges(second) : [(0, 1)])
                {
                    marginal[top, left] += rest;
                    marginal[top, right] -= rest;
                    marginal[bottom, left] -= rest;
                    marginal[bottom, right] += rest;
                }
            }
        }

        double variance = 0;
        for (int a = 0; a < first.Length; a++)
        {
            for (int b = 0; b < second.Length; b++)
            {
                marginal[a, b] += (a > 0 ? marginal[a - 1, b] : 0) + (b > 0 ? marginal[a, b - 1] : 0) - (a > 0 && b > 0 ? marginal[a - 1, b - 1] : 0);
                double difference = marginal[a, b] - mean;
                variance += first[a].Length * second[b].Length * difference * difference;
            }
        }

        return variance;
    }

    private static double MarginalAt(RegressionTree tree, int dimension, double place)
    {
        double sum = 0;
        foreach (RegressionTree.Leaf leaf in tree.Leaves)
        {
            if (leaf.Box[dimension].Covers(place))
            {
                sum += leaf.Value * leaf.Volume / leaf.Box[dimension].Length;
            }
        }

        return sum;
    }

    private static (double Mean, double Deviation) Spread(double[] values)
    {
        double mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Length - 1)));
    }
}
