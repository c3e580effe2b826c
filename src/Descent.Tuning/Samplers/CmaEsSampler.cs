using System.Runtime.InteropServices;

namespace Descent.Tuning.Samplers;

/// <summary>The covariance matrix adaptation evolution strategy: a normal distribution that moves towards what ranked well and takes on the shape of its successful steps.</summary>
/// <remarks>
/// <para>
/// Every λ finished trials, whoever proposed them, are a generation: m ← m + σ·Σ wᵢ·yᵢ over the best half, C by rank-one and rank-μ updates, σ by the length of the path
/// (<see cref="CovarianceAdaptation"/>). Integers keep a margin of probability for their neighbours. When the steps have become too small to matter, or losses no longer change, it begins again somewhere
/// else with a population <see cref="PopulationFactor"/> times as large.
/// </para>
/// <para>
/// Choices without order, and parameters that aren't always there, are beyond a normal distribution: TPE proposes those.
/// References: Hansen, "The CMA Evolution Strategy: A Tutorial", 2016 (arXiv 1604.00772); Auger, Hansen, "A Restart CMA Evolution Strategy With Increasing Population Size", CEC 2005 (IPOP); Hamano et al., "CMA-ES with Margin",
/// GECCO 2022 (arXiv 2205.13482).
/// </para>
/// </remarks>
public sealed class CmaEsSampler : ISampler
{
    private const string TagStart = "cma ";
    private const int Attempts = 30; // to find a point that wasn't tried, in a finite space

    private readonly TpeSampler _fallback = new();
    private StudyMemory? _memory;
    private Strategy? _strategy;

    /// <summary>λ: the trials of the first generations. At least 4; none: 4 + ⌊3·ln d⌋ for d parameters (the tutorial's).</summary>
    public int? Population { get; init => field = value is { } population ? Allowed.Between(population, 4, 10_000) : null; }

    /// <summary>σ: how far the first steps go, as a part of each scale. Above 0, at most 1; default 1/6, as in Optuna: three deviations reach the ends from the middle.</summary>
    public double InitialDeviation { get; init => field = Allowed.Between(value, 1e-3, 1); } = 1.0 / 6;

    /// <summary>How many times larger the population is after a restart. 1 to 10; default 2 (the paper's).</summary>
    public int PopulationFactor { get; init => field = Allowed.Between(value, 1, 10); } = 2;

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        StudyMemory memory = StudyMemory.Of(ref _memory, history, space);
        UnitSpace units = memory.Space;
        int[] axes = [.. Enumerable.Range(0, units.Dimensions).Where(j => units.Axes[j] is { IsCategorical: false, Parameter.Condition: null } axis && axis.Parameter.Count != 1)];
        double[] place = new double[units.Dimensions];
        if (axes.Length < units.Dimensions)
        {
            space.ToUnit(_fallback.Propose(history, space, random).Configuration).CopyTo(place, 0);
        }

        if (axes.Length == 0)
        {
            return new Proposal(units.PointAt(place));
        }

        CovarianceAdaptation state = Strategy.Of(ref _strategy, this, memory, axes).State;
        double[] rest = [.. place];
        double[] x = [];
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            x = state.Sample(random);
            rest.CopyTo(place, 0);
            for (int k = 0; k < axes.Length; k++)
            {
                place[axes[k]] = x[k];
            }

            if (units.Snap(place) && !(units.IsFinite && memory.Tried.Contains(place)))
            {
                break;
            }
        }

        // The place before it was snapped to a cell is what the distribution learns from.
        return new Proposal(units.PointAt(place)) { Tag = TagStart + Convert.ToBase64String(MemoryMarshal.AsBytes<double>(x)) };
    }

    private static double[] PlaceOf(TrialRecord trial, int[] axes)
    {
        byte[] bytes = new byte[axes.Length * sizeof(double)];
        if (trial.Tag is { } tag && tag.StartsWith(TagStart, StringComparison.Ordinal)
            && Convert.TryFromBase64String(tag[TagStart.Length..], bytes, out int written) && written == bytes.Length)
        {
            return MemoryMarshal.Cast<byte, double>(bytes).ToArray();
        }

        double[] x = new double[axes.Length];
        for (int k = 0; k < axes.Length; k++)
        {
            x[k] = trial.Unit[axes[k]];
        }

        return x;
    }

    /// <summary>The state that the finished trials led to.</summary>
    private sealed class Strategy
    {
        private readonly CmaEsSampler _options;
        private readonly StudyMemory _memory;
        private readonly int[] _axes;
        private readonly int[] _cells;
        private int _taken;

        private Strategy(CmaEsSampler options, StudyMemory memory, int[] axes)
        {
            (_options, _memory, _axes) = (options, memory, axes);
            _cells = [.. axes.Select(axis => memory.Space.Axes[axis].Cells)];
            double[] middle = new double[axes.Length];
            Array.Fill(middle, 0.5);
            State = new CovarianceAdaptation(middle, options.InitialDeviation, options.Population ?? CovarianceAdaptation.DefaultPopulation(axes.Length), _cells);
        }

        public CovarianceAdaptation State { get; private set; }

        public static Strategy Of(ref Strategy? known, CmaEsSampler options, StudyMemory memory, int[] axes)
        {
            // Of several objectives the order of old rows changes with every new one.
            if (known is null || known._memory != memory || memory.Evidence.IsRanked)
            {
                known = new Strategy(options, memory, axes);
            }

            known.Grow();
            return known;
        }

        private void Grow()
        {
            IReadOnlyList<EvidenceRow> finished = _memory.Evidence.Rows;
            while (_taken + State.Population <= finished.Count)
            {
                EvidenceRow[] rows = [.. finished.Skip(_taken).Take(State.Population).Order()];
                State.Update([.. rows.Select(row => PlaceOf(row.Trial, _axes))], rows[0].Loss);
                _taken += State.Population;
                if (State.HasConverged())
                {
                    CounterRandom random = new(_taken);
                    State = new CovarianceAdaptation([.. _axes.Select(_ => random.NextDouble())], _options.InitialDeviation, State.Population * _options.PopulationFactor, _cells);
                }
            }
        }
    }
}
