using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;

namespace Descent.Training;

/// <summary>Looks at a few held-out samples before a run begins: what does not fit is said before anything is written.</summary>
internal static class Preflight
{
    private const int Samples = 8;

    // A handful of equal targets has no R², and still the metric exists.
    private static readonly string[] Always = ["validation/r2", "regularization/l1", "regularization/l2"];

    /// <exception cref="BadInputException">Model, loss and data do not fit each other, or there is no metric of a name.</exception>
    public static void Check(Model model, DataSplit data, int batchSize, TrainingOptions options)
    {
        Routes.Of(model, options);
        _ = new ScheduledOptions(options, batchSize, DropoutLayers.Of(model)).Survey(options.Stop?.Steps);
        Loss loss = (options.Loss ?? LossCatalog.DefaultFor(data.Training.Shape.Task)).Build();
        string[] known = [.. new Validator(model, loss, data.Validation, Samples, batches: 1).Run().Keys];
        foreach ((string key, string? metric) in new[] { ("validation.metric", options.Validation.Metric), ("stop.target.metric", options.Stop?.Target?.Metric) })
        {
            if (metric is not null && !known.Contains(metric) && !Always.Contains(metric))
            {
                throw new BadInputException($"{key} is '{metric}'; {NearestName.Hint(metric, known)}");
            }
        }
    }
}
