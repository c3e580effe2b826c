namespace Descent.Optimizers;

/// <summary>
/// A number of a rule's formula that stays the same during a step. A field of this type is rounded to float once, when the rule is made, so that
/// <see cref="ILane{TSelf}.Broadcast(in Coefficient)"/> inside a loop costs nothing: the compiler fills a register before the loop. With a field of double it would convert and
/// spread the number again in every turn.
/// </summary>
/// <param name="value">The number.</param>
public readonly struct Coefficient(double value)
{
    /// <summary>The number.</summary>
    public double Value { get; } = value;

    /// <summary>The number, rounded once to float.</summary>
    public float Single { get; } = (float)value;

    /// <summary>A coefficient of this value.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Coefficient(double value) => new(value);

    /// <summary>A coefficient's number.</summary>
    /// <param name="coefficient">The coefficient.</param>
    public static implicit operator double(Coefficient coefficient) => coefficient.Value;

    /// <summary>A coefficient of this value.</summary>
    /// <param name="value">The number.</param>
    public static Coefficient FromDouble(double value) => new(value);

    /// <summary>The number.</summary>
    public double ToDouble() => Value;
}
