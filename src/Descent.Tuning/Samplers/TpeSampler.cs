namespace Descent.Tuning.Samplers;

/// <summary>
/// The tree-structured Parzen estimator: l(x) is the density of the best trials, g(x) that of all others, and what is tried next is the candidate drawn from l with the
/// largest l(x)/g(x).
/// </summary>
/// <remarks>
/// <para>
/// The best ⌈n/10⌉ of n trials, at most 25, are l. Old trials of g weigh less than the newest 25. Plain TPE takes each parameter by itself; the candidates' best combination that wasn't tried is proposed. A
/// <see cref="Multivariate"/> one draws whole points from products of kernels.
/// </para>
/// <para>
/// Deviations: kernels on lines are compared by their height, not by their mass: a wide kernel of a lonely observation then says "something was there" as loudly as narrow ones. On the functions of
/// <c>bench/Descent.Tuning.Bench</c> plain TPE's regret is about a third smaller that way. Of more than 1,000 others every k-th stands for k of them, so that a suggestion after ten thousand trials takes no longer.
/// </para>
/// <para>
/// References: Bergstra, Bardenet, Bengio, Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011, section 4; Falkner, Klein, Hutter, "BOHB", ICML 2018 (multivariate); defaults as in Optuna, whose
/// groups and constant liar these are; Watanabe, "Tree-Structured Parzen Estimator: Understanding Its Algorithm Components", 2023 (arXiv 2304.11127).
/// </para>
/// </remarks>
public sealed class TpeSampler : ISampler
{
    private const int MostCombinations = 256;

    private StudyMemory? _memory;
    private ParameterGroups? _groups;

    /// <summary>Whether parameters are modelled together. Default: no, each by itself.</summary>
    public bool Multivariate { get; init; }

    /// <summary>
    /// Of a multivariate one: whether parameters that are there under the same conditions are modelled together, group by group. Otherwise only those that are always there are, and the others each by itself. Default: yes.
    /// </summary>
    public bool Group { get; init; } = true;

    /// <summary>Whether trials that are still running count as bad ones, so that parallel workers don't try the same. Default: yes.</summary>
    public bool ConstantLiar { get; init; } = true;

    /// <summary>Candidates that are drawn from l. 1 to 10,000; default 24 (Bergstra's hyperopt).</summary>
    public int Candidates { get; init => field = Allowed.Between(value, 1, 10_000); } = 24;

    /// <summary>Trials that end before the estimators are asked; until then points are random. At least 1; default 10 (as in Optuna).</summary>
    public int StartupTrials { get; init => field = Allowed.AtLeast(value, 1); } = 10;

    /// <summary>The weight of the nearly flat prior, in trials. Above 0; default 1.</summary>
    public double PriorWeight { get; init => field = Allowed.Above(value, 0); } = 1;

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        StudyMemory memory = StudyMemory.Of(ref _memory, history, space);
        UnitSpace units = memory.Space;
        Evidence evidence = memory.Evidence;
        if (evidence.Rows.Count < StartupTrials)
        {
            return new Proposal(units.PointAt(units.Draw(random)));
        }

        TpeSplit split = new(evidence, ConstantLiar ? history.Unfinished : []);
        TriedPoints tried = memory.Tried;
        int[][] groups = Groups(memory);
        (double[] Place, double Score)[][] candidates = [.. groups.Select(group => Score(units, split, group, random))];
        double[][] scores = [.. candidates.Select(static group => group.Select(static candidate => candidate.Score).ToArray())];
        double[]? first = null;
        foreach (int[] choice in ProductSearch.Best(scores).Take(MostCombinations))
        {
            double[] place = new double[space.Count];
            for (int g = 0; g < groups.Length; g++)
            {
                for (int k = 0; k < groups[g].Length; k++)
                {
                    place[groups[g][k]] = candidates[g][choice[g]].Place[k];
                }
            }

            bool isFeasible = units.Snap(place);
            first ??= place;
            if (isFeasible && !(units.IsFinite && tried.Contains(place)))
            {
                return new Proposal(units.PointAt(place));
            }
        }

        return new Proposal(units.PointAt(units.IsFinite ? units.Draw(random) : first!));
    }

    private int[][] Groups(StudyMemory memory)
    {
        int[] all = [.. Enumerable.Range(0, memory.Space.Dimensions)];
        if (!Multivariate)
        {
            return [.. all.Select(static axis => (int[])[axis])];
        }

        if (Group)
        {
            return ParameterGroups.Of(ref _groups, memory);
        }

        int[] always = [.. all.Where(axis => memory.Space.Axes[axis].Parameter.Condition is null)];
        return [.. always.Length > 0 ? (int[][])[always] : [], .. all.Except(always).Select(static axis => (int[])[axis])];
    }

    /// <summary>Candidates for a group of parameters, best first; where they can repeat, each once.</summary>
    private (double[] Place, double Score)[] Score(UnitSpace units, TpeSplit split, int[] group, CounterRandom random)
    {
        ParzenEstimator good = Estimate(units, split.Below, group);
        ParzenEstimator bad = Estimate(units, split.Above, group);
        (double[] Place, double Score)[] candidates = new (double[], double)[Candidates];
        for (int i = 0; i < Candidates; i++)
        {
            double[] place = new double[group.Length];
            good.Sample(place, random);
            for (int k = 0; k < group.Length; k++)
            {
                place[k] = units.Axes[group[k]].Snap(place[k]);
            }

            candidates[i] = (place, good.LogDensity(place) - bad.LogDensity(place));
        }

        Array.Sort(candidates, static (a, b) => b.Score.CompareTo(a.Score));
        if (group.Any(axis => units.Axes[axis].IsLine))
        {
            return candidates;
        }

        List<(double[] Place, double Score)> distinct = [];
        foreach ((double[] Place, double Score) candidate in candidates)
        {
            if (!distinct.Exists(other => other.Place.AsSpan().SequenceEqual(candidate.Place)))
            {
                distinct.Add(candidate);
            }
        }

        return [.. distinct];
    }

    private ParzenEstimator Estimate(UnitSpace units, IReadOnlyList<(double[] Unit, double Weight)> side, int[] group)
    {
        (double[] Unit, double Weight)[] present = [.. side.Where(row => !double.IsNaN(row.Unit[group[0]]))];
        double[] weights = [.. present.Select(static row => row.Weight)];
        if (Multivariate)
        {
            double[][] means = [.. group.Select(axis => present.Select(row => row.Unit[axis]).ToArray())];
            return new MultivariateParzen([.. group.Select(axis => units.Axes[axis])], means, weights, PriorWeight);
        }

        double[] observations = [.. present.Select(row => row.Unit[group[0]])];
        Array.Sort(observations, weights);
        return new UnivariateParzen(units.Axes[group[0]], observations, weights, PriorWeight);
    }
}
