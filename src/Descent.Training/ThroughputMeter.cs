namespace Descent.Training;

/// <summary>Measures a run's time and speed. Time counts everything; speed counts only the steps themselves.</summary>
internal sealed class ThroughputMeter
{
    // The weight of the newest step in the smoothed speed: about the last twenty steps count.
    private const double Weight = 0.1;

    private readonly TimeProvider _time;
    private long _last;

    /// <param name="time">The clock.</param>
    /// <param name="seconds">Training time before this session.</param>
    public ThroughputMeter(TimeProvider time, double seconds)
    {
        _time = time;
        _last = time.GetTimestamp();
        Seconds = seconds;
    }

    /// <summary>All training time so far.</summary>
    public double Seconds { get; private set; }

    /// <summary>Smoothed seconds a step.</summary>
    public double SecondsPerStep { get; private set; }

    /// <summary>Smoothed units (tokens or samples) a second.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Ends a step of <paramref name="units"/>.</summary>
    public void EndStep(long units)
    {
        double elapsed = Elapse();
        SecondsPerStep = SecondsPerStep == 0 ? elapsed : SecondsPerStep + (Weight * (elapsed - SecondsPerStep));
        double speed = elapsed > 0 ? units / elapsed : 0;
        PerSecond = PerSecond == 0 ? speed : PerSecond + (Weight * (speed - PerSecond));
    }

    /// <summary>Ends what was no step: a validation, a checkpoint.</summary>
    public void EndPause() => Elapse();

    private double Elapse()
    {
        long now = _time.GetTimestamp();
        double elapsed = _time.GetElapsedTime(_last, now).TotalSeconds;
        _last = now;
        Seconds += elapsed;
        return elapsed;
    }
}
