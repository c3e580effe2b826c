using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;

namespace Descent.Training.Folds;

/// <summary>Measures the model of a fold when its training is over: all held-out samples, whatever the validations on the way looked at.</summary>
internal static class FoldMeasurement
{
    public static (FoldResult Result, OutOfFold Predictions) Of(
        Model model, DataSplit data, int batchSize, TrainingOptions options, (int Fold, int Repeat, int Number) place, RunStopped stopped)
    {
        Loss loss = (options.Loss ?? LossCatalog.DefaultFor(data.Training.Shape.Task)).Build();
        var metrics = new SortedDictionary<string, double>(new Validator(model, loss, data.Validation, batchSize, batches: 0).Run().ToDictionary(), StringComparer.Ordinal);
        foreach ((string name, double value) in Penalties.Of(model, options.Regularization))
        {
            metrics[name] = value;
        }

        return (new FoldResult
        {
            Fold = place.Fold,
            Repeat = place.Repeat,
            Number = place.Number,
            TrainingSamples = data.Training.Count,
            ValidationSamples = data.Validation.Count,
            Metrics = metrics,
            Steps = stopped.Step,
            Seconds = stopped.Seconds,
            Reason = stopped.Reason,
            RestoredBest = stopped.RestoredBest,
        }, new OutOfFoldPredictor(model, loss, data, batchSize).Predict(place.Fold, place.Repeat));
    }
}
