using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Models;

namespace Descent.Training;

/// <summary>Names the schedules of settings that nothing comes of.</summary>
internal static class ScheduleWarnings
{
    public static IEnumerable<string> Of(ScheduledOptions scheduled, Model model, Routing routing, long? totalSteps)
    {
        var survey = scheduled.Survey(totalSteps);
        foreach ((string key, double first, _) in survey.Where(static setting => setting.Other is null))
        {
            yield return $"schedules: '{key}' is {first:G6} at every step; its schedule has no effect";
        }

        if (scheduled.Has(ScheduledOptions.ModelDropoutKey, ScheduledOptions.DropoutKey) && DropoutLayers.Of(model) is null)
        {
            yield return "schedules: the model has no dropout, so its schedule has no effect";
        }

        foreach ((string key, double first, double? last) in survey)
        {
            bool ofOptimizer = key.StartsWith("optimizer.", StringComparison.Ordinal) || key.StartsWith("groups[", StringComparison.Ordinal);
            if (!ofOptimizer || last is null)
            {
                continue;
            }

            (TrainingOptions one, TrainingOptions other) = (scheduled.With(key, first), scheduled.With(key, last.Value));
            if (routing.Routes.All(route => route.OptionsFrom(one.Optimizer, one.Groups).Equals(route.OptionsFrom(other.Optimizer, other.Groups))))
            {
                yield return $"schedules: no group of parameters takes '{key}', so its schedule has no effect";
            }
        }
    }
}
