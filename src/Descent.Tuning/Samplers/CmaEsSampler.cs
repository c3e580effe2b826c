using System.Runtime.InteropServices;

namespace Descent.Tuning.Samplers;

/// <summary>The covariance matrix adaptation evolution strategy.</summary>
public sealed class CmaEsSampler : ISampler
{
    public static double Sigma0 = 0.1667; public static bool Dedupe = true; public static bool Margin = true; public static bool Ipop = true; public static int Tags = 1; public static int Startup = 0; public static double LamF = 1; public static double Pull = 1;

    private UnitSpace? _space;
    private Evidence? _evidence;
    private TriedPoints? _tried;
    private readonly TpeSampler _fallback = new();
    private CovarianceAdaptation? _state;
    private TrialHistory? _stateOf;
    private int _consumed;
    private int _restarts;

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        UnitSpace units = UnitSpace.Of(ref _space, space);
        Evidence evidence = Evidence.Of(ref _evidence, history);
        TriedPoints tried = TriedPoints.Of(ref _tried, history);
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

        int[] cells = [.. axes.Select(j => units.Axes[j].Cells)];
        if (_state is null || _stateOf != history || _consumed > evidence.Rows.Count)
        {
            double[] middle = new double[axes.Length];
            Array.Fill(middle, 0.5);
            int st = 0;
            if (Startup > 0)
            {
                if (evidence.Rows.Count < Startup) return new Proposal(units.PointAt(units.Draw(random)));
                st = Startup;
                EvidenceRow[] rr = [.. evidence.Rows.Take(st).Order()];
                for (int k = 0; k < axes.Length; k++) middle[k] = .5 + Pull * (rr[0].Trial.Unit[axes[k]] - .5);
            }
            _state = new CovarianceAdaptation(middle, Sigma0, Math.Max(4, (int)Math.Round(LamF * CovarianceAdaptation.DefaultPopulation(axes.Length))), Margin ? cells : new int[cells.Length]);
            (_stateOf, _consumed, _restarts) = (history, st, 0);
        }

        while (_consumed + _state.Population <= evidence.Rows.Count)
        {
            EvidenceRow[] rows = [.. Enumerable.Range(_consumed, _state.Population).Select(i => evidence.Rows[i]).Order()];
            _state.Update([.. rows.Select(row => PlaceOf(row.Trial, axes))], rows[0].Loss);
            _consumed += _state.Population;
            if (Ipop && _state.HasConverged())
            {
                _restarts++;
                CounterRandom restart = new(_consumed, _restarts);
                _state = new CovarianceAdaptation([.. axes.Select(_ => restart.NextDouble())], Sigma0, _state.Population * 2, Margin ? cells : new int[cells.Length]);
            }
        }

        double[] x = [];
        for (int attempt = 0; attempt < 30; attempt++)
        {
            x = _state.Sample(random);
            for (int k = 0; k < axes.Length; k++)
            {
                place[axes[k]] = x[k];
            }

            if (units.Snap(place) && !(Dedupe && units.IsFinite && tried.Contains(place)))
            {
                break;
            }
        }

        return new Proposal(units.PointAt(place)) { Tag = Tags == 1 ? Encode(x) : null };
    }

    private static string Encode(double[] x) => Convert.ToBase64String(MemoryMarshal.AsBytes<double>(x));

    private static double[] PlaceOf(TrialRecord trial, int[] axes)
    {
        if (trial.Tag is { } tag)
        {
            return MemoryMarshal.Cast<byte, double>(Convert.FromBase64String(tag)).ToArray();
        }

        double[] x = new double[axes.Length];
        for (int k = 0; k < axes.Length; k++)
        {
            x[k] = trial.Unit[axes[k]];
        }

        return x;
    }
}
