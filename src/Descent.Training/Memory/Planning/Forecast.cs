namespace Descent.Training.Memory;

/// <summary>Goes through one step with settings and finds its highest point and its time.</summary>
internal sealed class Forecast
{
    private readonly ForecastFacts _facts;
    private readonly PlannedSettings _settings;
    private readonly SegmentCost[] _segments;
    private readonly long[] _states;
    private readonly UpdateCost _update;
    private MemoryBreakdown _now;
    private MemoryBreakdown _highest;
    private double _seconds;

    private Forecast(ForecastFacts facts, PlannedSettings settings)
    {
        (_facts, _settings) = (facts, settings);
        _segments = facts.Segments(settings.Prefer, settings.Parameters, settings.BatchSize);
        _states = facts.States(settings.State, settings.Parameters);
        _update = facts.Update(settings.Prefer, settings.State, settings.Parameters);
        bool parametersThere = settings.Disk is DiskUse.Nothing or DiskUse.States;
        bool statesThere = settings.Disk is DiskUse.Nothing or DiskUse.Parameters;
        _now = new MemoryBreakdown
        {
            Process = facts.Process,
            Parameters = (parametersThere ? _segments.Sum(static segment => segment.Parameters) : 0) + facts.Copies,
            States = statesThere ? _states.Sum() : 0,
            Workspace = settings.Parameters == ParameterFormat.Bfloat16 ? facts.LargestMatrix * sizeof(float) : 0,
        };
        _highest = _now;
    }

    private bool InBackward => _settings.Update == UpdateMoment.InBackward;

    private int Last => _segments.Length - 1;

    private int Recomputed => Math.Min(_settings.Recompute, Last);

    public static PlanRow Of(ForecastFacts facts, PlannedSettings settings)
    {
        var forecast = new Forecast(facts, settings);
        forecast.Run();
        MemoryBreakdown peak = forecast._highest;
        if (settings.Prefer == MemoryPreference.Speed)
        {
            peak = peak with { Workspace = peak.Workspace + (long)(facts.Fragments * (peak.Total - peak.Process)) };
        }

        return new PlanRow(settings, peak, forecast._seconds);
    }

    private void Run()
    {
        if (!InBackward)
        {
            // Gradients stay from step to step: backward adds to them.
            _now = _now with { Gradients = _segments.Sum(static segment => segment.Parameters) };
        }

        if (_facts.Swaps)
        {
            // Other weights are measured: those in training are put aside.
            See(workspace: _segments.Sum(static segment => segment.Parameters) + _segments.Max(static segment => segment.InferencePeak));
        }

        int passes = _settings.Accumulate * _facts.Passes * (_facts.SecondPass && InBackward ? 2 : 1);
        Pass();
        _seconds *= passes;
        double update = _segments.Sum(static segment => segment.Elements) * _update.SecondsAnElement;
        _seconds += update;
        if (!InBackward)
        {
            See(workspace: _update.Workspace);
        }

        if (_settings.Disk != DiskUse.Nothing)
        {
            _seconds = Math.Max(_seconds, MovedBytes(passes) / _facts.DiskRate);
        }
    }

    private void Pass()
    {
        for (int i = 0; i < Last; i++)
        {
            SegmentCost segment = _segments[i];
            bool keeps = i >= Recomputed;
            Mapped(i, i + 1, states: false, workspace: keeps ? segment.ForwardPeak : segment.InferencePeak);
            _now = _now with { Activations = _now.Activations + (keeps ? segment.Kept : segment.Output) };
            _seconds += keeps ? segment.ForwardSeconds : segment.InferenceSeconds;
        }

        // Gradients that are there already are not made again.
        SegmentCost head = _segments[Last];
        Mapped(Last, Last - 1, states: true, loss: Math.Max(0, head.BackwardPeak - (InBackward ? 0 : head.Read)));
        _seconds += head.BackwardSeconds;
        long incoming = Last > 0 ? _segments[Last - 1].Output : 0;
        for (int i = Last - 1; i >= 0; i--)
        {
            SegmentCost segment = _segments[i];
            bool kept = i >= Recomputed;
            long existing = InBackward ? 0 : segment.Read;
            long backward = incoming + Math.Max(0, segment.BackwardPeak - existing);
            if (!kept)
            {
                Mapped(i, i - 1, states: true, workspace: incoming + segment.ForwardPeak);
                _seconds += segment.ForwardSeconds;
            }

            long fresh = Math.Min(segment.Read - existing, backward);
            Mapped(i, i - 1, states: true, workspace: (kept ? 0 : segment.Kept) + backward - fresh, gradients: fresh);
            _seconds += segment.BackwardSeconds;
            _now = _now with { Activations = _now.Activations - (kept ? segment.Kept : segment.Output) };
            incoming = i > 0 ? _segments[i - 1].Output : 0;
        }
    }

    /// <summary>A moment at which one segment computes and its neighbour is read ahead.</summary>
    private void Mapped(int segment, int neighbour, bool states, long workspace = 0, long loss = 0, long gradients = 0)
    {
        long parameters = _settings.Disk is DiskUse.Parameters or DiskUse.Both ? _segments[segment].Read + Of(neighbour, static cost => cost.Read) : 0;
        long moments = states && _settings.Disk is DiskUse.States or DiskUse.Both
            ? _states[segment] + (neighbour >= 0 && neighbour < _states.Length ? _states[neighbour] : 0)
            : 0;
        See(workspace, loss, parameters, moments, gradients);
    }

    private long Of(int segment, Func<SegmentCost, long> what) => segment >= 0 && segment < _segments.Length ? what(_segments[segment]) : 0;

    private void See(long workspace = 0, long loss = 0, long parameters = 0, long states = 0, long gradients = 0)
    {
        MemoryBreakdown moment = _now with
        {
            Workspace = _now.Workspace + workspace,
            Loss = loss,
            Gradients = _now.Gradients + gradients,
            Parameters = _now.Parameters + parameters,
            States = _now.States + states,
        };
        if (moment.Total > _highest.Total)
        {
            _highest = moment;
        }
    }

    private double MovedBytes(int passes)
    {
        double parameters = _segments.Sum(static segment => (double)segment.Parameters), states = _states.Sum(static bytes => (double)bytes);
        return (_settings.Disk is DiskUse.Parameters or DiskUse.Both ? parameters * (passes + 2) : 0) + (_settings.Disk is DiskUse.States or DiskUse.Both ? 2 * states : 0);
    }
}
