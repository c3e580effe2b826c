namespace Descent.Tuning.Samplers;

/// <summary>
/// The tree-structured Parzen estimator: l(x) is the density of the best trials, g(x) that of all others, and what is tried next is the candidate from l with the
/// largest l(x)/g(x).
/// </summary>
public sealed class TpeSampler : ISampler
{
    private const int MostCombinations = 256;

    private UnitSpace? _space;
    private Evidence? _evidence;
    private TriedPoints? _tried;
    private TpeRows? _rows;

    /// <summary>Multivariate.</summary>
    public bool Multivariate { get; init; }

    /// <summary>Group.</summary>
    public bool Group { get; init; } = true;

    /// <summary>Constant liar.</summary>
    public bool ConstantLiar { get; init; } = true;

    /// <summary>Candidates.</summary>
    public int Candidates { get; init; } = Cands;

    /// <summary>Startup.</summary>
    public int StartupTrials { get; init; } = NStart;

    /// <summary>Prior weight.</summary>
    public double PriorWeight { get; init; } = Prior;

    /// <summary>Magic clip.</summary>
    public bool MagicClip { get; init; } = true;

    /// <summary>Endpoints.</summary>
    public bool Endpoints { get; init; }
    public static int Start = 0; public static double Kappa = 1; public static int Cands = 24; public static double Gamma = 0.1; public static int Ramp = 25; public static int NStart = 10; public static double Prior = 1;
    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        UnitSpace units = UnitSpace.Of(ref _space, space);
        Evidence evidence = Evidence.Of(ref _evidence, history);
        TriedPoints tried = TriedPoints.Of(ref _tried, history);
        if (evidence.Rows.Count < StartupTrials)
        {
            return new Proposal(units.PointAt(Start == 1 ? units.DrawFarFrom(history.Trials, random) : units.Draw(random)));
        }

        TpeRows rows = TpeRows.Of(ref _rows, units, evidence);
        Split split = new(evidence, ConstantLiar ? history.Unfinished : []);
        int[][] groups = Groups(units, rows);
        (double[] Place, double Score)[][] candidates = [.. groups.Select(group => Score(units, rows, split, group, random))];
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

    private int[][] Groups(UnitSpace units, TpeRows rows)
    {
        int[] all = [.. Enumerable.Range(0, units.Dimensions)];
        if (!Multivariate)
        {
            return [.. all.Select(static axis => (int[])[axis])];
        }

        if (Group)
        {
            return rows.Groups();
        }

        int[] always = [.. all.Where(axis => units.Axes[axis].Parameter.Condition is null)];
        return [.. (int[][])[always], .. all.Except(always).Select(static axis => (int[])[axis])];
    }

    private (double[] Place, double Score)[] Score(UnitSpace units, TpeRows rows, Split split, int[] group, CounterRandom random)
    {
        ParzenEstimator good = Estimate(units, rows, split, group, below: true);
        ParzenEstimator bad = Estimate(units, rows, split, group, below: false);
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
        if (group.All(axis => !units.Axes[axis].IsLine))
        {
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

        return candidates;
    }

    private ParzenEstimator Estimate(UnitSpace units, TpeRows rows, Split split, int[] group, bool below)
    {
        if (group.Length == 1 && !Multivariate)
        {
            return Univariate(units, rows, split, group[0], below);
        }

        List<double>[] means = [.. group.Select(static _ => new List<double>())];
        foreach (double[] unit in split.Units(below))
        {
            if (double.IsNaN(unit[group[0]]))
            {
                continue;
            }

            for (int k = 0; k < group.Length; k++)
            {
                means[k].Add(unit[group[k]]);
            }
        }

        return new MultivariateParzen(
            [.. group.Select(axis => units.Axes[axis])], [.. means.Select(static list => list.ToArray())], Weights(means[0].Count), PriorWeight, MagicClip);
    }

    private UnivariateParzen Univariate(UnitSpace units, TpeRows rows, Split split, int axis, bool below)
    {
        List<(double X, int Age)> seen = [];
        int age = 0;
        foreach (double[] unit in split.Units(below))
        {
            if (!double.IsNaN(unit[axis]))
            {
                seen.Add((unit[axis], age++));
            }
        }

        double[] weights = Weights(age);
        seen.Sort(static (a, b) => a.X.CompareTo(b.X) is not 0 and int o ? o : a.Age.CompareTo(b.Age));
        return new UnivariateParzen(units.Axes[axis], [.. seen.Select(static s => s.X)], [.. seen.Select(s => weights[s.Age])], PriorWeight, MagicClip, Endpoints);
    }

    private static double[] Weights(int count)
    {
        double[] weights = new double[count];
        Array.Fill(weights, 1);
        int old = count - Ramp;
        for (int i = 0; i < old; i++)
        {
            weights[i] = old == 1 ? 1.0 / count : (1.0 / count) + ((1 - (1.0 / count)) * i / (old - 1));
        }

        return weights;
    }

    private sealed class Split
    {
        private readonly List<double[]> _below = [];
        private readonly List<double[]> _above = [];

        public Split(Evidence evidence, IReadOnlyCollection<TrialRecord> running)
        {
            int n = evidence.Rows.Count;
            int good = TpeSampler.Gamma > 0 ? Math.Min((int)Math.Ceiling(TpeSampler.Gamma * n), 25) : (int)Math.Ceiling(-TpeSampler.Gamma * Math.Sqrt(n));
            bool[] isBelow = new bool[n];
            for (int k = 0; k < good; k++)
            {
                isBelow[evidence.Order[k]] = true;
            }

            for (int i = 0; i < n; i++)
            {
                (isBelow[i] ? _below : _above).Add(evidence.Rows[i].Trial.Unit.ToArray());
            }

            foreach (TrialRecord trial in running)
            {
                _above.Add(trial.Unit.ToArray());
            }
        }

        public List<double[]> Units(bool below) => below ? _below : _above;
    }
}
