using Descent.Optimizers;
using Descent.Training.Configuration;

namespace Descent.Training;

/// <summary>How many steps the run will have: what the schedule is laid out over.</summary>
/// <remarks>
/// Steps and epochs say it outright. With only a time budget it is estimated from the measured speed, and again as long as the present rate
/// does not depend on it (a warm-up or a plateau of the schedule), so that a noisy start does not decide the end. The estimate is part of the
/// checkpoint: a resumed run lays its schedule out over the same steps.
/// </remarks>
internal sealed class Horizon
{
    // The first steps pay for lazy allocations and JIT compilation; their time says little.
    private const int WarmUpSteps = 5;
    private const int EstimateEvery = 20;

    private readonly double? _budgetSeconds;
    private readonly Func<long, long, long, bool> _agreeAt;
    private readonly long? _planEnd;
    private double _warmSeconds;
    private long _warmStep = -1;

    public Horizon(StopOptions stop, Schedule schedule, long stepsPerEpoch)
        : this(
            stop,
            epochs => Math.Max(1, (long)Math.Round(epochs * stepsPerEpoch)),
            (step, one, other) => schedule.At(step, one) == schedule.At(step, other))
    {
    }

    /// <param name="stop">The termination conditions.</param>
    /// <param name="stepsOf">The steps of a number of epochs.</param>
    /// <param name="agreeAt">Whether everything scheduled is the same at a step for two lengths of the run.</param>
    public Horizon(StopOptions stop, Func<double, long> stepsOf, Func<long, long, long, bool> agreeAt)
    {
        _agreeAt = agreeAt;
        long? epochSteps = stop.Epochs is { } epochs ? stepsOf(epochs) : null;
        _planEnd = stop.Steps is { } steps && epochSteps is { } other ? Math.Min(steps, other) : stop.Steps ?? epochSteps;
        _budgetSeconds = stop.Minutes * 60;
        Steps = _planEnd;
    }

    /// <summary>The steps of the whole run, or null before a time budget could be measured.</summary>
    public long? Steps { get; private set; }

    /// <summary>Whether <see cref="Steps"/> is the run file's and not an estimate.</summary>
    public bool IsFixed => _planEnd is not null;

    public void Restore(long? plannedSteps) => Steps = _planEnd ?? plannedSteps;

    /// <summary>Takes note of a finished step; <paramref name="seconds"/> counts all training so far.</summary>
    public void Observe(long step, double seconds)
    {
        if (IsFixed || _budgetSeconds is not { } budget)
        {
            return;
        }

        if (_warmStep < 0)
        {
            _warmStep = step + WarmUpSteps;
        }

        if (step == _warmStep)
        {
            _warmSeconds = seconds;
        }

        long measured = step - _warmStep;
        if (measured > 0 && (measured % EstimateEvery == 0 || Steps is null && measured == WarmUpSteps))
        {
            double secondsPerStep = (seconds - _warmSeconds) / measured;
            long estimate = step + Math.Max(1, (long)((budget - seconds) / secondsPerStep));
            if (Steps is not { } present || _agreeAt(step, present, estimate))
            {
                Steps = estimate;
            }
        }
    }

    /// <summary>Seconds to the end at the present speed, or null when nothing is measured yet.</summary>
    public double? SecondsLeft(long step, double seconds, double secondsPerStep)
    {
        double? bySteps = Steps is { } end && secondsPerStep > 0 ? Math.Max(0, end - step) * secondsPerStep : null;
        double? byTime = _budgetSeconds is { } budget ? Math.Max(0, budget - seconds) : null;
        return bySteps is { } a && byTime is { } b ? Math.Min(a, b) : bySteps ?? byTime;
    }
}
