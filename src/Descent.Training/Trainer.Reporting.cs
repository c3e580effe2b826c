using Descent.Training.Configuration;

namespace Descent.Training;

// What a trainer tells its observers.
public sealed partial class Trainer
{
    private RunStarted DescribeStart()
    {
        long parameters = _model.parameters().Sum(parameter => parameter.NumberOfElements);
        return new RunStarted
        {
            RunDirectory = Description.Directory,
            Model = $"{Description.Model ?? _model.GetName()}, {parameters:N0} parameters",
            Parameters = parameters,
            Data = _data.Description,
            Optimizer = $"{_options.Optimizer.Kind}, learning rate {_options.Optimizer.LearningRate:G4}, schedule {_options.Schedule.Kind}",
            Routing = _routing.Table,
            Unit = CountsTokens ? "tokens" : "samples",
            Step = _step,
            TotalSteps = _horizon.Steps,
            TotalSeconds = _options.Stop?.Minutes * 60,
            Metric = _best.Metric,
            LowerIsBetter = _best.LowerIsBetter,
            PredictedMemory = _options.Memory.Forecast?.Peak.Total,
            PredictedStepSeconds = _options.Memory.Forecast?.StepSeconds,
            Configuration = Description.Configuration ?? RunFile.Write(_options),
            Time = Time.GetUtcNow(),
        };
    }

    private void ReportStep(in StepOutcome outcome, Moment moment, in StepSettings settings, ThroughputMeter meter)
    {
        if (Observers.Count == 0)
        {
            return;
        }

        (long resident, long peak) = ProcessMemory.Read();
        _observer.OnStep(new StepReport
        {
            Step = _step,
            Epoch = _cursor.Epoch + ((double)_cursor.Sample / _data.Training.Count),
            Loss = outcome.Loss,
            Terms = outcome.Terms,
            LearningRate = BaseRate(0) * (settings.GroupRateFactors?[0] ?? settings.RateFactor),
            LearningRates = RatesOf(settings),
            Settings = _scheduled.Any && _settingsChanged ? moment.Values : null,
            GradientNorm = outcome.GradientNorm,
            ClippedNorm = outcome.ClippedNorm,
            ClippedFraction = outcome.ClippedFraction,
            Sharpness = outcome.Sharpness,
            Throughput = meter.PerSecond,
            Memory = resident,
            PeakMemory = peak,
            Seconds = Seconds,
            SecondsLeft = _horizon.SecondsLeft(_step, Seconds, meter.SecondsPerStep),
        });
    }

    private void WriteSample()
    {
        if (Sampler is { } sampler && _options.Sample.Tokens > 0)
        {
            _observer.OnSample(new SampleReport(_step, _options.Sample.Prompt, sampler(_options.Sample)));
        }
    }
}
