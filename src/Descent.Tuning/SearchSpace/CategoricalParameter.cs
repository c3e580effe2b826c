namespace Descent.Tuning;

/// <summary>One of several values. In the unit interval, choice i of n has the cell <c>[i/n, (i + 1)/n)</c>.</summary>
public sealed record CategoricalParameter : Parameter
{
    private readonly ParameterValue[] _choices;

    internal CategoricalParameter(string name, ParameterValue[] choices, bool ordered = false)
        : base(name)
    {
        if (choices.Length == 0)
        {
            throw new SearchSpaceException($"{name} has no choices; allowed: at least one.");
        }

        ParameterValue[] twice = [.. choices.GroupBy(static choice => choice).Where(static group => group.Count() > 1).Select(static group => group.Key)];
        if (twice.Length > 0)
        {
            throw new SearchSpaceException($"{name} has the choice {ParameterText.Write(twice[0])} twice; allowed: choices that are all different.");
        }

        (_choices, IsOrdered) = (choices, ordered);
    }

    /// <summary>The values.</summary>
    public IReadOnlyList<ParameterValue> Choices => _choices;

    /// <inheritdoc/>
    public override bool IsOrdered { get; }

    /// <inheritdoc/>
    public override long? Count => _choices.Length;

    /// <summary>The index of a value; −1: it is no choice.</summary>
    /// <param name="value">The value.</param>
    public int IndexOf(ParameterValue value) => Array.IndexOf(_choices, value);

    /// <inheritdoc/>
    public override ParameterValue FromUnit(double unit) => _choices[Cells.IndexOf(unit, _choices.Length)];

    /// <inheritdoc/>
    public override (double Low, double High) CellOf(double unit) => Cells.At(Cells.IndexOf(unit, _choices.Length), _choices.Length);

    /// <inheritdoc/>
    public override bool Contains(ParameterValue value) => IndexOf(value) >= 0;

    /// <inheritdoc/>
    public override string ToText() => $"{(IsOrdered ? "ordinal" : "choice")}({string.Join(",", _choices.Select(ParameterText.Write))})";

    /// <inheritdoc/>
    public bool Equals(CategoricalParameter? other) => other is not null && ToString() == other.ToString() && Name == other.Name;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ToString());

    private protected override double Place(ParameterValue value) => Cells.Middle(IndexOf(value), _choices.Length);
}
