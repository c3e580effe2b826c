namespace Descent.Tuning;

/// <summary>One dimension of a <see cref="SearchSpace"/>: its name, the values it may take, and their place in the unit interval.</summary>
/// <remarks>
/// Samplers work in the unit cube. A continuous parameter maps onto [0, 1] one to one; a discrete one cuts the interval into one
/// cell for each value (<see cref="CellOf"/>), and <see cref="ToUnit"/> gives the cell's representative. A uniform number in [0, 1) gives each value of a
/// uniform or categorical parameter the same chance.
/// </remarks>
public abstract record Parameter
{
    private protected Parameter(string name) => Name = ParameterName.Checked(name);

    /// <summary>The name, such as <c>optimizer.learning_rate</c>: letters, digits, <c>_ . [ ]</c>.</summary>
    public string Name { get; }

    /// <summary>When the parameter is there at all: an expression over parameters declared before it. None: always.</summary>
    public Expression? Condition { get; init; }

    /// <summary>Whether neighbours in the unit interval are alike. Not so for the choices of a categorical parameter.</summary>
    public abstract bool IsOrdered { get; }

    /// <summary>How many values it has; none for a continuous one.</summary>
    public abstract long? Count { get; }

    /// <summary>The value at a place of the unit interval.</summary>
    /// <param name="unit">The place; places outside [0, 1] count as the nearest end.</param>
    public abstract ParameterValue FromUnit(double unit);

    /// <summary>The place of a value. <c>FromUnit(ToUnit(v)) = v</c> for discrete values, and for continuous ones up to rounding.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">The parameter can't have that value.</exception>
    public double ToUnit(ParameterValue value) => Contains(value) ? Place(value) : throw Foreign(value);

    /// <summary>The part of the unit interval that has the same value as a place; empty (both ends that place) for a continuous parameter.</summary>
    /// <param name="unit">The place.</param>
    public abstract (double Low, double High) CellOf(double unit);

    /// <summary>Whether the parameter can have this value.</summary>
    /// <param name="value">The value.</param>
    public abstract bool Contains(ParameterValue value);

    /// <summary>The text form, such as <c>log(1e-05,0.1)</c>, without the condition. <see cref="ParameterText"/> reads it.</summary>
    public abstract string ToText();

    /// <summary>Real numbers of an interval, all alike: <c>low + u·(high − low)</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value; above <paramref name="low"/>.</param>
    /// <exception cref="SearchSpaceException">The interval is empty or not finite.</exception>
    public static FloatParameter Uniform(string name, double low, double high) => new(name, low, high);

    /// <summary>Real numbers on a grid: low, low + step, …, high.</summary>
    /// <param name="name">The name.</param>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value; a whole number of steps above <paramref name="low"/>.</param>
    /// <param name="step">The distance of neighbours; above 0.</param>
    /// <exception cref="SearchSpaceException">The interval is empty, or the steps don't end at its end.</exception>
    public static FloatParameter Step(string name, double low, double high, double step) => new(name, low, high, step: step);

    /// <summary>Real numbers of an interval whose orders of magnitude are alike: <c>low·(high/low)ᵘ</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="low">The least value; above 0.</param>
    /// <param name="high">The greatest value; above <paramref name="low"/>.</param>
    /// <exception cref="SearchSpaceException">The interval is empty or reaches to 0 or below.</exception>
    public static FloatParameter Log(string name, double low, double high) => new(name, low, high, log: true);

    /// <summary>Whole numbers low, low + step, …, high.</summary>
    /// <param name="name">The name.</param>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value; a whole number of steps above <paramref name="low"/>.</param>
    /// <param name="step">The distance of neighbours; at least 1.</param>
    /// <exception cref="SearchSpaceException">The interval is empty, or the steps don't end at its end.</exception>
    public static IntegerParameter Integer(string name, long low, long high, long step = 1) => new(name, low, high, step: step);

    /// <summary>Whole numbers whose orders of magnitude are alike: the logarithm is uniform, then rounded.</summary>
    /// <param name="name">The name.</param>
    /// <param name="low">The least value; at least 1.</param>
    /// <param name="high">The greatest value.</param>
    /// <exception cref="SearchSpaceException">The interval is empty or reaches below 1.</exception>
    public static IntegerParameter IntegerLog(string name, long low, long high) => new(name, low, high, log: true);

    /// <summary>One of several values without an order.</summary>
    /// <param name="name">The name.</param>
    /// <param name="choices">The values, all different.</param>
    /// <exception cref="SearchSpaceException">There is no choice, or one stands twice.</exception>
    public static CategoricalParameter Choice(string name, params ReadOnlySpan<ParameterValue> choices) => new(name, choices.ToArray());

    /// <summary>One of several values whose neighbours are alike, such as 8, 16, 64.</summary>
    /// <param name="name">The name.</param>
    /// <param name="choices">The values in their order, all different.</param>
    /// <exception cref="SearchSpaceException">There is no choice, or one stands twice.</exception>
    public static CategoricalParameter Ordinal(string name, params ReadOnlySpan<ParameterValue> choices) => new(name, choices.ToArray(), ordered: true);

    /// <summary>The same parameter, there only where a condition holds.</summary>
    /// <param name="condition">An expression over parameters declared before this one, such as <c>optimizer.kind == adamw</c>.</param>
    /// <exception cref="SearchSpaceException">The expression can't be read.</exception>
    public Parameter When(string condition) => this with { Condition = Expression.Parse(condition) };

    /// <summary>The text form with the condition: <c>uniform(0,1) if optimizer.kind == adamw</c>.</summary>
    public sealed override string ToString() => Condition is null ? ToText() : $"{ToText()} if {Condition}";

    /// <summary>The place of a value that the parameter has.</summary>
    private protected abstract double Place(ParameterValue value);

    private ArgumentException Foreign(ParameterValue value) =>
        new($"{Name} is {value} ({value.Kind}); allowed: {ToText()}.", nameof(value));
}
