namespace Descent.Optimizers;

/// <summary>A tensor that a rule keeps for every parameter.</summary>
/// <param name="Name">Its name, as PyTorch's state dictionary has it.</param>
/// <param name="InitialValue">What every element starts as.</param>
public readonly record struct StateTensor(string Name, double InitialValue = 0)
{
    /// <summary>Whether its values are never below zero, such as a mean of squares: a storage format then needs no sign.</summary>
    public bool NonNegative { get; init; }

    /// <summary>
    /// The state's shape for a parameter's shape; [0] or an empty array where that parameter has no such state. Null: the parameter's own shape.
    /// </summary>
    public Func<long[], long[]>? Shape { get; init; }

    /// <summary>
    /// How many elements the state has, for rules that keep a number for a part of a parameter such as a row or an attention head: from the parameter's length, units and heads.
    /// As many as the parameter has mean the parameter's shape, any other number one dimension. Null: <see cref="Shape"/> says it.
    /// </summary>
    public Func<TensorSlot, long>? Count { get; init; }

    /// <summary>Whether it starts as a copy of the parameter instead of <see cref="InitialValue"/>.</summary>
    public bool StartsAsParameter { get; init; }

    /// <summary>The shape for one parameter.</summary>
    /// <param name="parameter">The parameter's shape.</param>
    /// <param name="facts">The parameter's length, units and heads.</param>
    public long[] ShapeFor(long[] parameter, in TensorSlot facts)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (Count is not null)
        {
            long count = Count(facts);
            return count == facts.Length ? parameter : [count];
        }

        return Shape?.Invoke(parameter) ?? parameter;
    }
}
