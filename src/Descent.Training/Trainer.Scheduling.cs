using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;

namespace Descent.Training;

// Settings that change with the step.
public sealed partial class Trainer
{
    private readonly ScheduledOptions _scheduled;
    private Moment? _moment;
    private BatchLoader? _loader;
    private bool _settingsChanged;

    /// <summary>What the schedules say of the step that comes next; optimizer and model take it over.</summary>
    private Moment Prepare()
    {
        Moment moment = _scheduled.At(_step, _horizon.Steps ?? FarAway);
        _settingsChanged = !ReferenceEquals(moment, _moment);
        if (_settingsChanged && _scheduled.Any)
        {
            foreach (Route route in _routing.Routes)
            {
                _optimizer.SetOptions(route.Name, route.OptionsFrom(moment.Options.Optimizer, moment.Options.Groups));
            }

            if (moment.Dropout is { } probability)
            {
                DropoutLayers.Set(_model, probability);
            }
        }

        return _moment = moment;
    }

    private StepSettings SettingsOf(Moment moment)
    {
        double rateFactor = RateFactor;
        GradientOptions gradients = moment.Options.Gradients;
        return new StepSettings(rateFactor)
        {
            Gradients = gradients,
            Regularization = moment.Options.Regularization,
            GroupRateFactors = GroupFactors(rateFactor),
            LastNorm = _lastNorm,
            MicroBatches = gradients.FullBatch ? (_data.Training.Count + moment.BatchSize - 1) / moment.BatchSize : gradients.Accumulate,
        };
    }

    // Where a group has a schedule of its own, every group gets its whole factor.
    private double[]? GroupFactors(double rateFactor)
    {
        if (!_routing.Routes.Any(route => ScheduleOf(route) is not null))
        {
            return null;
        }

        double plateau = _plateau?.Multiplier ?? 1;
        return [.. _routing.Routes.Select(route => ScheduleOf(route) is { } own ? own.At(_step, _horizon.Steps ?? FarAway) * plateau : rateFactor)];
    }

    private Dictionary<string, double>? RatesOf(in StepSettings settings)
    {
        if (_routing.Routes.Count < 2)
        {
            return null;
        }

        var rates = new Dictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < _routing.Routes.Count; i++)
        {
            rates[_routing.Routes[i].Name] = BaseRate(i) * (settings.GroupRateFactors?[i] ?? settings.RateFactor);
        }

        return rates;
    }

    private double BaseRate(int group) =>
        _moment is { } moment ? _routing.Routes[group].OptionsFrom(moment.Options.Optimizer, moment.Options.Groups).LearningRate : 0;

    private Optimizers.Schedule? ScheduleOf(Route route) => route.Pattern is { } index ? _options.Groups[index].Schedule : null;

    /// <summary>A batch of another size comes from a loader of its own, which begins where the last one ended.</summary>
    private BatchLoader LoaderFor(int batchSize)
    {
        if (_loader?.BatchSize == batchSize)
        {
            return _loader;
        }

        _loader?.Dispose();
        return _loader = new BatchLoader(_data.Training, batchSize, _options.Seed, start: _cursor, dropLast: !_options.Gradients.FullBatch);
    }

    private long StepsOf(double epochs) =>
        EpochPlan.StepsFor(epochs, _data.Training.Count, _scheduled.WindowAt, _options.Gradients.FullBatch);

    // The rate of one step doesn't tell whether a later estimate of the run's length would change it: all that depends on it must agree.
    private bool AgreeAt(long step, long one, long other) =>
        _options.Schedule.At(step, one) == _options.Schedule.At(step, other)
        && _scheduled.AgreeAt(step, one, other)
        && _options.Groups.All(group => group.Schedule is null || group.Schedule.At(step, one) == group.Schedule.At(step, other));

    private void WarnOfIdleSchedules()
    {
        foreach (string warning in ScheduleWarnings.Of(_scheduled, _model, _routing, _horizon.Steps))
        {
            _observer.OnWarning(warning);
        }
    }
}
