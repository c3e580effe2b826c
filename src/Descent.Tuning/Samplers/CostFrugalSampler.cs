namespace Descent.Tuning.Samplers;

/// <summary>Starts at a cheap point and moves on in small steps, so that dear settings are tried only when cheap ones don't improve any more.</summary>
/// <remarks>
/// <para>
/// CFO is <see cref="LocalSearch"/> begun again from another point when its stride has become short. BlendSearch (<see cref="Blend"/>) runs several of those beside a global
/// search, which TPE does here; each good point of the global search begins a thread of its own. Who goes next is who is expected to be best after the same cost:
/// its best loss, less its speed of improvement times that cost. Costs are the trials' durations.
/// </para>
/// <para>
/// References: Wu, Wang, Huang, "Frugal Optimization for Cost-related Hyperparameters", AAAI 2021 (arXiv 2005.01571); Wang, Wu, Huang, Saied, "Economic
/// Hyperparameter Optimization with Blended Search Strategy", ICLR 2021. Deviation: a thread is merged with another when it comes within a stride of it, whatever its loss;
/// the global search proposes from the whole space, and at most every second trial.
/// </para>
/// </remarks>
public sealed class CostFrugalSampler : ISampler
{
    private const double ShortestStride = 1e-3;

    private readonly TpeSampler _global = new() { Multivariate = true };
    private StudyMemory? _memory;
    private Progress? _progress;

    /// <summary>Whether a global search runs beside the local ones: BlendSearch. Default: no, CFO.</summary>
    public bool Blend { get; init; }

    /// <summary>Values known to be cheap, by parameter, such as the least number of layers. What isn't named begins in the middle of its scale.</summary>
    public IReadOnlyDictionary<string, ParameterValue> CheapPoint { get; init; } = new Dictionary<string, ParameterValue>();

    /// <summary>The first stride, as a part of the cube's diagonal. Default 0.1 (the paper's).</summary>
    public double FirstStride { get; init => field = Allowed.Between(value, ShortestStride, 1); } = 0.1;

    /// <inheritdoc/>
    /// <exception cref="SearchSpaceException">The cheap point has a value that a parameter can't have, or of a parameter that the space doesn't have.</exception>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        StudyMemory memory = StudyMemory.Of(ref _memory, history, space);
        UnitSpace units = memory.Space;
        Progress progress = Progress.Of(ref _progress, memory, FirstStride, Blend);
        LocalSearch.StepTag[] running = [.. history.Unfinished.Select(static trial => LocalSearch.StepTag.Read(trial.Tag)).OfType<LocalSearch.StepTag>()];
        if (Choose(progress, running) is not { } thread)
        {
            bool isFirst = progress.Threads.Count == 0 && running.Length == 0;
            return isFirst || !Blend ? Begin(units, progress.NextNumber(running), isFirst, random) : _global.Propose(history, space, random);
        }

        (double[] Place, LocalSearch.StepTag Tag) step = default;
        for (int attempt = 0; attempt < 20; attempt++)
        {
            step = thread.Next(attempt == 0 && !running.Any(tag => tag.Thread == thread.Number), random);
            if (units.Snap(step.Place) && !memory.Tried.Contains(step.Place))
            {
                break;
            }
        }

        return new Proposal(units.PointAt(step.Place)) { Tag = step.Tag.ToString() };
    }

    /// <summary>The thread that goes next; none: the global search does, or a new thread begins.</summary>
    private LocalSearch? Choose(Progress progress, LocalSearch.StepTag[] running)
    {
        LocalSearch[] ready = [.. progress.Threads.Where(static thread => thread is { HasConverged: false, Best: not null })];
        if (!Blend)
        {
            return ready.LastOrDefault();
        }

        if (ready.Length == 0)
        {
            return null;
        }

        // BlendSearch, equations 1 and 2: what each is expected to reach with the cost that the slowest needs to improve again.
        double cost = ready.Max(static thread => Math.Max(thread.Cost - thread.CostAtBest, thread.CostAtBest - thread.Before.Cost));
        LocalSearch best = ready.MinBy(thread => thread.Best!.Loss - (cost * Speed(thread)) + (running.Count(tag => tag.Thread == thread.Number) * 1e-9))!;
        double local = best.Best!.Loss - (cost * Speed(best));
        double global = progress.GlobalBest - (cost * progress.GlobalSpeed);
        return best.Best.Class == EvidenceClass.Complete && local <= global ? best : progress.GlobalTurns < progress.LocalTurns ? null : best;
    }

    private static double Speed(LocalSearch thread)
    {
        double gain = thread.Before.Loss - thread.Best!.Loss;
        double cost = thread.Cost - thread.Before.Cost;
        return double.IsFinite(gain) && cost > 0 ? gain / cost : 0;
    }

    /// <summary>The first point of a thread: the cheap one, and later ones at random around it.</summary>
    private Proposal Begin(UnitSpace units, int number, bool isFirst, CounterRandom random)
    {
        double[] place = new double[units.Dimensions];
        foreach (string name in CheapPoint.Keys)
        {
            if (units.Space.IndexOf(name) < 0)
            {
                throw new SearchSpaceException($"The cheap point names {name}, which the space doesn't have; it has: {string.Join(", ", units.Space.Parameters.Select(static parameter => parameter.Name))}.");
            }
        }

        for (int attempt = 0; attempt < 100; attempt++)
        {
            for (int j = 0; j < place.Length; j++)
            {
                Parameter parameter = units.Axes[j].Parameter;
                double begin = CheapPoint.TryGetValue(parameter.Name, out ParameterValue value) ? Place(parameter, value) : 0.5;
                place[j] = isFirst && attempt == 0 ? begin
                    : units.Axes[j].IsCategorical ? random.NextDouble()
                    : Math.Clamp(begin + (0.25 * random.NextNormal()), 0, 1);
            }

            if (units.Snap(place))
            {
                break;
            }
        }

        return new Proposal(units.PointAt(place)) { Tag = new LocalSearch.StepTag(number, 0, 0).ToString() };
    }

    private static double Place(Parameter parameter, ParameterValue value)
    {
        ParameterValue fitting = parameter is FloatParameter && value.Kind == ParameterValueKind.Integer ? value.AsNumber() : value;
        return parameter.Contains(fitting)
            ? parameter.ToUnit(fitting)
            : throw new SearchSpaceException($"The cheap point has {parameter.Name} = {value}; allowed: {parameter.ToText()}.");
    }

    /// <summary>The threads as the finished trials left them.</summary>
    private sealed class Progress(StudyMemory memory, double firstStride, bool blend)
    {
        private readonly StudyMemory _memory = memory;
        private int _seen;
        private double _fastest;
        private double _globalBefore = double.PositiveInfinity;
        private double _globalCost;
        private double _globalCostBefore;

        public List<LocalSearch> Threads { get; } = [];

        public double GlobalBest { get; private set; } = double.PositiveInfinity;

        public int GlobalTurns { get; private set; }

        public int LocalTurns { get; private set; }

        /// <summary>How fast the global search improves; before it has, as fast as any thread ever did, so that it gets its chance when threads become slow.</summary>
        public double GlobalSpeed =>
            double.IsFinite(_globalBefore - GlobalBest) && _globalCost > _globalCostBefore ? (_globalBefore - GlobalBest) / (_globalCost - _globalCostBefore) : _fastest;

        public static Progress Of(ref Progress? known, StudyMemory memory, double firstStride, bool blend)
        {
            if (known is null || known._memory != memory)
            {
                known = new Progress(memory, firstStride, blend);
            }

            for (IReadOnlyList<EvidenceRow> rows = memory.Evidence.Rows; known._seen < rows.Count; known._seen++)
            {
                known.Add(rows[known._seen]);
            }

            return known;
        }

        public int NextNumber(LocalSearch.StepTag[] running) =>
            Math.Max(Threads.Count == 0 ? 0 : Threads[^1].Number + 1, running.Length == 0 ? 0 : running.Max(static tag => tag.Thread) + 1);

        private void Add(EvidenceRow row)
        {
            // Trials that took no time at all count alike.
            double cost = row.Trial.Duration > TimeSpan.Zero ? row.Trial.Duration.TotalSeconds : 1;
            if (LocalSearch.StepTag.Read(row.Trial.Tag) is { } tag)
            {
                LocalTurns++;
                LocalSearch thread = Threads.Find(thread => thread.Number == tag.Thread) ?? Start(tag.Thread);
                thread.Add(row, tag, cost);
                _fastest = Math.Max(_fastest, Speed(thread));
                Merge(thread);
                if (tag.Sign == 0)
                {
                    // Where a thread begins is where the global search has come.
                    AddGlobal(row, cost);
                }

                return;
            }

            GlobalTurns++;
            AddGlobal(row, cost);
            if (row.Class != EvidenceClass.Complete)
            {
                return;
            }

            double[] losses = [.. Threads.Where(static thread => thread.Best is not null).Select(static thread => thread.Best!.Loss).Order()];
            if (blend && (losses.Length == 0 || row.Loss < losses[losses.Length / 2]))
            {
                Start(Threads.Count == 0 ? 0 : Threads[^1].Number + 1).Add(row, default, cost);
            }
        }

        private void AddGlobal(EvidenceRow row, double cost)
        {
            _globalCost += cost;
            if (row.Class == EvidenceClass.Complete && row.Loss < GlobalBest)
            {
                (_globalBefore, _globalCostBefore, GlobalBest) = (GlobalBest, _globalCost - cost, row.Loss);
            }
        }

        private LocalSearch Start(int number)
        {
            LocalSearch thread = new(_memory.Space, number, firstStride, ShortestStride);
            Threads.Add(thread);
            return thread;
        }

        /// <summary>Ends threads whose best point lies within the stride of a better one.</summary>
        private void Merge(LocalSearch thread)
        {
            if (blend && Threads.Count > 1 && thread.Best is { } best)
            {
                Threads.RemoveAll(other => other != thread && other.Best is { } worse && best.CompareTo(worse) <= 0 && Math.Sqrt(_memory.Space.SquaredDistance(best.Trial.Unit, worse.Trial.Unit)) < thread.Stride);
            }
        }
    }
}
