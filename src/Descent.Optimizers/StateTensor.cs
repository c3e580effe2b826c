namespace Descent.Optimizers;

/// <summary>A tensor that a rule keeps for every parameter.</summary>
/// <param name="Name">Its name, as PyTorch's state dictionary has it.</param>
/// <param name="InitialValue">What every element starts as.</param>
public readonly record struct StateTensor(string Name, double InitialValue = 0)
{
    /// <summary>Whether its values are never below zero, such as a mean of squares: a storage format then needs no sign.</summary>
    public bool NonNegative { get; init; }

    /// <summary>
    /// The state's shape for a parameter's shape; an empty array where that parameter has no such state. Null: the parameter's own shape.
    /// </summary>
    public Func<long[], long[]>? Shape { get; init; }
}
