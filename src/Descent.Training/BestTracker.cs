using Descent.Optimizers;

namespace Descent.Training;

/// <summary>Follows the deciding metric: its best value, where that was, and how long ago.</summary>
internal sealed class BestTracker(string metric)
{
    // What users call these metrics says which way is up: accuracies and coefficients of determination rise, losses and errors fall.
    private static readonly string[] HigherIsBetter = ["accuracy", "r2", "f1", "auc", "score"];

    public string Metric { get; } = metric;

    public bool LowerIsBetter { get; } = IsLowerBetter(metric);

    public double? Value { get; private set; }

    public long? Step { get; private set; }

    public int ValidationsSince { get; private set; }

    public static bool IsLowerBetter(string metric) => !HigherIsBetter.Any(name => metric.Contains(name, StringComparison.Ordinal));

    public void Restore(double? value, long? step, int validationsSince)
        => (Value, Step, ValidationsSince) = (value, step, validationsSince);

    /// <summary>Takes a validation in; true when it is the best so far. NaN never is.</summary>
    public bool Observe(long step, IReadOnlyDictionary<string, double> metrics)
    {
        if (!metrics.TryGetValue(Metric, out double value))
        {
            throw new BadInputException($"validation.metric is '{Metric}'; {NearestName.Hint(Metric, metrics.Keys)}");
        }

        bool better = Value is not { } best ? !double.IsNaN(value) : LowerIsBetter ? value < best : value > best;
        if (better)
        {
            (Value, Step, ValidationsSince) = (value, step, 0);
        }
        else
        {
            ValidationsSince++;
        }

        return better;
    }
}
