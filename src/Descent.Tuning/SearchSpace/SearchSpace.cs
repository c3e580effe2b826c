using System.Diagnostics.CodeAnalysis;

namespace Descent.Tuning;

/// <summary>What a study searches: parameters in their order, and constraints between them.</summary>
/// <example>
/// <code>
/// SearchSpace space = new SearchSpace(
///     Parameter.Log("learning_rate", 1e-5, 1e-1),
///     Parameter.Integer("layers", 1, 8),
///     Parameter.Choice("kind", "adamw", "lion"),
///     Parameter.Uniform("beta2", 0.9, 0.999).When("kind == adamw"))
///     .Where("layers * learning_rate &lt; 0.2");
/// </code>
/// </example>
public sealed class SearchSpace : IEquatable<SearchSpace>
{
    private readonly Parameter[] _parameters;
    private readonly Expression[] _constraints;

    /// <summary>A space.</summary>
    /// <param name="parameters">The parameters; conditions name only parameters that stand before.</param>
    /// <exception cref="SearchSpaceException">Two have the same name, or a condition can't be used.</exception>
    public SearchSpace(params IEnumerable<Parameter> parameters)
        : this(parameters, [])
    {
    }

    private SearchSpace(IEnumerable<Parameter> parameters, IEnumerable<Expression> constraints)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        List<Parameter> known = [];
        foreach (Parameter parameter in parameters)
        {
            if (known.Any(other => other.Name == parameter.Name))
            {
                throw new SearchSpaceException($"There are two parameters '{parameter.Name}'; allowed: one of a name.");
            }

            known.Add(parameter.Condition is { } condition
                ? parameter with { Condition = condition.Bind(known, $"The condition of {parameter.Name},") }
                : parameter);
        }

        _parameters = [.. known];
        _constraints = [.. constraints.Select(constraint => constraint.Bind(known, "The constraint"))];
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>What must hold at every point that is tried.</summary>
    public IReadOnlyList<Expression> Constraints => _constraints;

    /// <summary>How many parameters there are: the unit cube's dimension.</summary>
    public int Count => _parameters.Length;

    /// <summary>The same space with one more constraint.</summary>
    /// <param name="constraint">An expression over the parameters, such as <c>width % heads == 0</c>.</param>
    /// <exception cref="SearchSpaceException">The expression can't be read or names no parameter of the space.</exception>
    public SearchSpace Where(string constraint) => new(_parameters, [.. _constraints, Expression.Parse(constraint)]);

    /// <summary>The place of a parameter in the order; −1: there is none.</summary>
    /// <param name="name">The parameter's name.</param>
    public int IndexOf(string name) => Array.FindIndex(_parameters, parameter => parameter.Name == name);

    /// <summary>The point at a place of the unit cube: parameters whose condition doesn't hold are left out.</summary>
    /// <param name="unit">A number for each parameter; those of absent ones aren't read.</param>
    /// <exception cref="ArgumentException">There are more or fewer numbers than parameters.</exception>
    public Configuration FromUnit(ReadOnlySpan<double> unit)
    {
        if (unit.Length != Count)
        {
            throw new ArgumentException($"The place has {unit.Length} numbers; the space has {Count} parameters.", nameof(unit));
        }

        List<KeyValuePair<string, ParameterValue>> values = new(Count);
        for (int i = 0; i < Count; i++)
        {
            if (IsThere(_parameters[i], values))
            {
                values.Add(new(_parameters[i].Name, _parameters[i].FromUnit(unit[i])));
            }
        }

        return new Configuration(values);
    }

    /// <summary>The place of a point in the unit cube; NaN for parameters that aren't there.</summary>
    /// <param name="configuration">A point of this space.</param>
    /// <exception cref="ArgumentException">The point is none of this space.</exception>
    public double[] ToUnit(Configuration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        double[] unit = new double[Count];
        for (int i = 0; i < Count; i++)
        {
            unit[i] = configuration.TryGetValue(_parameters[i].Name, out ParameterValue value) ? _parameters[i].ToUnit(value) : double.NaN;
        }

        return unit;
    }

    /// <summary>Whether a parameter's condition holds at a point; only parameters before it are looked at.</summary>
    /// <param name="index">The parameter's place in the order.</param>
    /// <param name="configuration">The point, or the part of it that is known so far.</param>
    public bool IsActive(int index, Configuration configuration) => _parameters[index].Condition is not { } condition || condition.Holds(configuration) == true;

    /// <summary>Whether all constraints are kept at a point.</summary>
    /// <param name="configuration">The point.</param>
    public bool IsFeasible(Configuration configuration) => Array.TrueForAll(_constraints, constraint => constraint.Holds(configuration) != false);

    /// <summary>A point from values in any order, such as a person gives them.</summary>
    /// <param name="values">A value for each parameter that is there.</param>
    /// <exception cref="SearchSpaceException">A value is missing, foreign or outside, or a constraint is broken.</exception>
    public Configuration Point(IReadOnlyDictionary<string, ParameterValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        List<KeyValuePair<string, ParameterValue>> found = new(Count);
        foreach (Parameter parameter in _parameters)
        {
            if (IsThere(parameter, found))
            {
                found.Add(new(parameter.Name, values.TryGetValue(parameter.Name, out ParameterValue value)
                    ? Fitting(parameter, value)
                    : throw new SearchSpaceException($"The point has no {parameter.Name}; allowed: {parameter}.")));
            }
        }

        Configuration point = new(found);
        return values.Keys.FirstOrDefault(name => !point.ContainsKey(name)) is { } foreign
            ? throw new SearchSpaceException($"The point has a value for {foreign}, which isn't there; there are: {string.Join(", ", point.Keys)}.")
            : IsFeasible(point) ? point
            : throw new SearchSpaceException($"The point {point} breaks the constraint {_constraints.First(constraint => constraint.Holds(point) == false)}.");
    }

    /// <summary>Whether parameters and constraints are the same, in the same order.</summary>
    /// <param name="other">The other space.</param>
    public bool Equals([NotNullWhen(true)] SearchSpace? other) =>
        other is not null && _parameters.AsSpan().SequenceEqual(other._parameters) && _constraints.AsSpan().SequenceEqual(other._constraints);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SearchSpace);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, string.Join('\n', _parameters.Select(static parameter => parameter.Name)));

    /// <summary>The parameters for people, one a line.</summary>
    public override string ToString() => string.Join('\n',
        [.. _parameters.Select(static parameter => $"{parameter.Name} = {parameter}"), .. _constraints.Select(static constraint => $"where {constraint}")]);

    internal static SearchSpace Of(IEnumerable<Parameter> parameters, IEnumerable<Expression> constraints) => new(parameters, constraints);

    private static bool IsThere(Parameter parameter, List<KeyValuePair<string, ParameterValue>> soFar) =>
        parameter.Condition is not { } condition || condition.Holds(new Configuration(soFar)) == true;

    private static ParameterValue Fitting(Parameter parameter, ParameterValue value)
    {
        // A person writes 1 where 1.0 is meant.
        ParameterValue fitting = parameter is FloatParameter && value.Kind == ParameterValueKind.Integer ? value.AsNumber() : value;
        return parameter.Contains(fitting) ? fitting : throw new SearchSpaceException($"{parameter.Name} is {value}; allowed: {parameter.ToText()}.");
    }
}
