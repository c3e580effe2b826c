namespace Descent.Tuning.Samplers;

/// <summary>A Gaussian process of the loss over the unit cube, asked where the largest improvement is to be expected.</summary>
/// <remarks>
/// <para>
/// The kernel is Matérn 5/2 with a length scale for each parameter and noise, drawn anew for each suggestion from their posterior (<see cref="KernelFit"/>). The next point is the one
/// with the largest log EI(x) = log E[max(0, f* − f(x))], where f* is the least loss so far (<see cref="ImprovementSearch"/>). Four suggestions see the losses as they are, the next four with
/// bad ones warped (<see cref="TargetValues"/>): near the optimum the first is sharper, after disasters the second.
/// </para>
/// <para>
/// Running trials are not modelled: their points are left out where the space is finite, and the draws differ. The cost of a suggestion grows with the cube of the trials that are learned from.
/// References: Jones, Schonlau, Welch, "Efficient Global Optimization of Expensive Black-Box Functions", Journal of Global Optimization 13 (1998); Ament et al., "Unexpected Improvements to Expected Improvement for Bayesian
/// Optimization", 2023 (arXiv 2310.20708).
/// </para>
/// </remarks>
public sealed class GaussianProcessSampler : ISampler
{
    private const int Draws = 200; // points of a sequence that are scored
    private const int Climbs = 4; // from the best of them
    private const int Incumbents = 5; // whose neighbours are scored too
    private const int FitIterations = 20;
    private const int SliceSteps = 6;

    private StudyMemory? _memory;
    private Learned? _learned;

    /// <summary>Trials that end before the process is asked; until then points are drawn far from each other. At least 2; default 8.</summary>
    public int StartupTrials { get; init => field = Allowed.AtLeast(value, 2); } = 8;

    /// <summary>The most trials that are learned from: of more, the best half and the newest half. At least 10; default 300, a suggestion then takes about half a second.</summary>
    public int MaximumTrials { get; init => field = Allowed.AtLeast(value, 10); } = 300;

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        StudyMemory memory = StudyMemory.Of(ref _memory, history, space);
        UnitSpace units = memory.Space;
        Evidence evidence = memory.Evidence;
        int n = evidence.Rows.Count;
        if (n < StartupTrials || space.Count == 0)
        {
            return new Proposal(units.PointAt(units.DrawFarFrom(history.Trials, random)));
        }

        bool warp = n / 4 % 2 == 1;
        Learned learned = Learned.Of(ref _learned, memory, MaximumTrials);
        double[] values = TargetValues.Of(learned.Rows, warp);
        KernelParameters kernel = KernelFit.Sample(learned.Data, values, learned.Kernel(warp), SliceSteps, random);
        GaussianProcess process = new(learned.Data, kernel, values);
        double[][] best = [.. evidence.Order.Take(Incumbents).Select(row => evidence.Rows[row].Trial.Unit.ToArray())];
        ImprovementSearch search = new(units, process, memory.Tried, values.Min());
        return new Proposal(units.PointAt(search.Run(best, Draws, Climbs, random) ?? units.Draw(random)));
    }

    /// <summary>The rows that are learned from, and the kernels that were fitted to a part of them.</summary>
    private sealed class Learned
    {
        private readonly StudyMemory _memory;
        private readonly Evidence _evidence;
        private readonly int _most;
        private readonly List<EvidenceRow> _rows = [];
        private readonly KernelParameters?[] _kernels = new KernelParameters?[2];
        private int _fitted = -1;

        private Learned(StudyMemory memory, int most) => (_memory, _evidence, _most, Data) = (memory, memory.Evidence, most, new ProcessData(memory.Space.Axes));

        public ProcessData Data { get; private set; }

        public IReadOnlyList<EvidenceRow> Rows => _rows;

        public static Learned Of(ref Learned? known, StudyMemory memory, int most)
        {
            if (known is null || known._memory != memory)
            {
                known = new Learned(memory, most);
            }

            known.Grow();
            return known;
        }

        /// <summary>The most probable kernel, fitted to the trials up to the last multiple of a few.</summary>
        public KernelParameters Kernel(bool warp)
        {
            int count = _rows.Count - (_evidence.Rows.Count - _fitted);
            return _kernels[warp ? 1 : 0] ??= KernelFit.Run(Data, TargetValues.Of(_rows[..count], warp), FitIterations);
        }

        private void Grow()
        {
            // The losses of several objectives are places in an order that every trial changes.
            int n = _evidence.Rows.Count;
            int every = _evidence.IsRanked || n < 30 ? 1 : n < 60 ? 2 : n < 120 ? 4 : 8;
            int fitted = n / every * every;
            if (fitted != _fitted)
            {
                Array.Clear(_kernels);
                if (_evidence.IsRanked || fitted > _most || _rows.Count > n)
                {
                    _rows.Clear();
                    Data = new ProcessData(_memory.Space.Axes);
                }

                if (fitted > _most)
                {
                    int newest = fitted - (_most / 2);
                    Add(_evidence.Order.Where(row => row < newest).Take(_most - (_most / 2)).Order());
                    Add(Enumerable.Range(newest, fitted - newest));
                }

                _fitted = fitted;
            }

            int missing = n - (fitted > _most ? fitted - _most : 0) - _rows.Count;
            Add(Enumerable.Range(n - missing, missing));
        }

        private void Add(IEnumerable<int> rows)
        {
            foreach (int row in rows)
            {
                _rows.Add(_evidence.Rows[row]);
                Data.Add(_evidence.Rows[row].Trial.Unit);
            }
        }
    }
}
