using Descent.Optimizers;
using Descent.Training.Configuration;

namespace Descent.Training;

/// <summary>Decides when a run ends.</summary>
internal sealed class Termination(StopOptions stop, Horizon horizon, BestTracker best)
{
    /// <summary>Whether the steps, epochs or minutes are used up.</summary>
    public StopDecision? AfterStep(long step, double seconds)
    {
        if (horizon.IsFixed && step >= horizon.Steps)
        {
            return stop.Steps <= step
                ? new StopDecision(StopReason.Steps, step == 1 ? "the one step is done" : $"all {step} steps are done")
                : new StopDecision(StopReason.Epochs, $"all {stop.Epochs} epochs are done");
        }

        if (seconds >= stop.Minutes * 60)
        {
            return new StopDecision(StopReason.Minutes, $"the {stop.Minutes} minutes are used up");
        }

        return !horizon.IsFixed && step >= horizon.Steps
            ? new StopDecision(StopReason.Minutes, $"the {step} steps that were planned for {stop.Minutes} minutes are done")
            : null;
    }

    /// <summary>Whether a validation reached the target or exhausted the patience.</summary>
    public StopDecision? AfterValidation(IReadOnlyDictionary<string, double> metrics)
    {
        if (stop.Target is { } target)
        {
            double value = metrics.TryGetValue(target.Metric, out double found)
                ? found
                : throw new BadInputException($"stop.target.metric is '{target.Metric}'; {NearestName.Hint(target.Metric, metrics.Keys)}");
            if (target.IsReachedBy(value))
            {
                return new StopDecision(StopReason.Target, $"{target.Metric} reached {value:G5}");
            }
        }

        return best.ValidationsSince >= stop.Patience
            ? new StopDecision(StopReason.Patience, $"{best.Metric} has not improved for {best.ValidationsSince} validations")
            : null;
    }
}
