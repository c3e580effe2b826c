using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>How often and on how much held-out data the model is measured.</summary>
public sealed record ValidationOptions
{
    /// <summary>Steps between validations; 0 validates only at the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public long EverySteps
    {
        get;
        init => field = Require.AtLeast(0, value);
    } = 200;

    /// <summary>Batches a validation looks at, always the same ones; 0 takes all held-out data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Batches
    {
        get;
        init => field = Require.AtLeast(0, value);
    }

    /// <summary>
    /// The metric that decides which weights are best; it also drives patience and a reduce-on-plateau schedule. Losses and errors are better
    /// when lower, accuracy and R² when higher.
    /// </summary>
    public string Metric { get; init; } = "validation/loss";

    /// <summary>Whether a smaller <see cref="Metric"/> is better, as its name says.</summary>
    public bool LowerIsBetter => BestTracker.IsLowerBetter(Metric);
}
