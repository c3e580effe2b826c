using Descent.Optimizers;

namespace Descent.Training.Losses;

/// <summary>The description of a loss in a run file: <c>loss: { kind: cross_entropy, … }</c>.</summary>
public abstract record LossOptions
{
    /// <summary>The name of this kind in run files.</summary>
    public abstract string Kind { get; }

    /// <summary>The name of this loss as a term of a <c>sum</c>, in reports and metrics; null: its kind.</summary>
    public string? Name { get; init; }

    /// <summary>The factor of this loss as a term of a <c>sum</c>. Default 1; alone it has no effect, so only 1 is allowed there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Weight
    {
        get;
        init => field = Require.Finite(value);
    } = 1;

    /// <summary>Builds the loss.</summary>
    /// <returns>The loss.</returns>
    /// <exception cref="BadInputException">Settings contradict each other.</exception>
    public abstract Loss Build();
}
