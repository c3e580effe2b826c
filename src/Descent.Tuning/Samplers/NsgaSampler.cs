namespace Descent.Tuning.Samplers;

/// <summary>NSGA-II: a population of the best compromises between several objectives, crossed and mutated.</summary>
/// <remarks>
/// The first <see cref="Population"/> trials are drawn at random. After that each proposal is a child of two parents, the winners of two tournaments; whenever as many
/// trials have finished as the population has members, the best of both become the next population: by front, and on the last front that fits the least
/// crowded. Trials within the limits stand before those that break them, whatever their objectives (constrained domination). With one objective it is a genetic algorithm.
/// Children come by simulated binary crossover and polynomial mutation on scales, by exchange and redraw on choices.
/// Reference: Deb, Pratap, Agarwal, Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", IEEE Transactions on Evolutionary Computation 6 (2002).
/// </remarks>
public sealed class NsgaSampler : ISampler
{
    private StudyMemory? _memory;
    private (TrialHistory History, int Generation, EvidenceRow[] Members)? _population;

    /// <summary>The population's size. Default 50 (as in Optuna; the paper takes 100 for tens of thousands of evaluations).</summary>
    public int Population { get; init => field = Allowed.AtLeast(value, 2); } = 50;

    /// <summary>The probability that a child has two parents. Default 0.9 (the paper's).</summary>
    public double CrossoverProbability { get; init => field = Allowed.Between(value, 0, 1); } = 0.9;

    /// <summary>ηc of simulated binary crossover: the larger, the closer a child is to a parent. Default 20 (the paper's).</summary>
    public double CrossoverIndex { get; init => field = Allowed.Between(value, 0, 1000); } = 20;

    /// <summary>ηm of polynomial mutation: the larger, the smaller the changes. Default 20 (the paper's).</summary>
    public double MutationIndex { get; init => field = Allowed.Between(value, 0, 1000); } = 20;

    /// <summary>The probability of each parameter to mutate; none: one over their number (the paper's).</summary>
    public double? MutationProbability { get; init => field = value is { } probability ? Allowed.Between(probability, 0, 1) : null; }

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(history);
        StudyMemory memory = StudyMemory.Of(ref _memory, history, space);
        UnitSpace units = memory.Space;
        if (history.Finished.Count < Population)
        {
            return new Proposal(units.PointAt(units.Draw(random)));
        }

        EvidenceRow[] parents = Members(history);
        double[] child = [];
        for (int attempt = 0; attempt < 20; attempt++)
        {
            ReadOnlySpan<double> first = Tournament(parents, random);
            child = random.NextDouble() < CrossoverProbability ? Cross(units, first, Tournament(parents, random), random) : first.ToArray();
            Mutate(units, child, random);
            if (units.Snap(child) && !(units.IsFinite && memory.Tried.Contains(child)))
            {
                break;
            }
        }

        return new Proposal(units.PointAt(child));
    }

    /// <summary>The current population, best first, from the generations that have finished.</summary>
    private EvidenceRow[] Members(TrialHistory history)
    {
        int generations = history.Finished.Count / Population;
        if (_population is not { } known || known.History != history || known.Generation > generations)
        {
            known = (history, 0, []);
        }

        for (; known.Generation < generations; known.Generation++)
        {
            IEnumerable<EvidenceRow> born = history.Finished.Skip(known.Generation * Population).Take(Population).Select(trial => EvidenceRow.Of(history, trial));
            known.Members = [.. Ordered([.. known.Members, .. born]).Take(Population)];
        }

        _population = known;
        return known.Members;
    }

    private static IEnumerable<EvidenceRow> Ordered(EvidenceRow[] rows)
    {
        EvidenceRow[] complete = [.. rows.Where(static row => row.Class == EvidenceClass.Complete)];
        IEnumerable<EvidenceRow> best = NonDominatedSort.Order([.. complete.Select(static row => row.Losses)]).Select(i => complete[i]);
        return best.Concat(rows.Where(static row => row.Class != EvidenceClass.Complete).Order());
    }

    /// <summary>The better of two members; members are sorted.</summary>
    private static ReadOnlySpan<double> Tournament(EvidenceRow[] members, CounterRandom random) =>
        members[Math.Min(random.NextInteger(members.Length), random.NextInteger(members.Length))].Trial.Unit;

    private double[] Cross(UnitSpace units, ReadOnlySpan<double> a, ReadOnlySpan<double> b, CounterRandom random)
    {
        double[] child = a.ToArray();
        for (int j = 0; j < child.Length; j++)
        {
            if (double.IsNaN(a[j]) || double.IsNaN(b[j]))
            {
                child[j] = double.IsNaN(a[j]) ? b[j] : a[j];
            }
            else if (random.NextDouble() < 0.5)
            {
                child[j] = units.Axes[j].IsCategorical ? b[j] : Blend(a[j], b[j], random);
            }
        }

        return child;
    }

    /// <summary>Simulated binary crossover: Deb and Agrawal, "Simulated Binary Crossover for Continuous Search Space", Complex Systems 9 (1995).</summary>
    private double Blend(double a, double b, CounterRandom random)
    {
        double u = random.NextDouble();
        double exponent = 1 / (CrossoverIndex + 1);
        double beta = u <= 0.5 ? Math.Pow(2 * u, exponent) : Math.Pow(1 / (2 * (1 - u)), exponent);
        double sign = random.NextDouble() < 0.5 ? 1 : -1;
        return Math.Clamp(0.5 * (a + b + (sign * beta * (b - a))), 0, 1);
    }

    private void Mutate(UnitSpace units, double[] child, CounterRandom random)
    {
        double probability = MutationProbability ?? (1.0 / Math.Max(1, child.Length));
        for (int j = 0; j < child.Length; j++)
        {
            if (double.IsNaN(child[j]))
            {
                child[j] = random.NextDouble(); // there, if another parameter's mutation makes it be
            }
            else if (random.NextDouble() < probability)
            {
                child[j] = units.Axes[j].IsCategorical ? random.NextDouble() : Nudge(child[j], units.Axes[j], random);
            }
        }
    }

    /// <summary>Polynomial mutation; on cells at least to the next one.</summary>
    private double Nudge(double x, Axis axis, CounterRandom random)
    {
        double u = random.NextDouble();
        double exponent = 1 / (MutationIndex + 1);
        double step = u < 0.5 ? Math.Pow(2 * u, exponent) - 1 : 1 - Math.Pow(2 * (1 - u), exponent);
        double least = axis.IsLine ? 0 : 1.0 / axis.Cells;
        return Math.Clamp(x + (Math.Sign(step) * Math.Max(Math.Abs(step), least)), 0, 1);
    }
}
