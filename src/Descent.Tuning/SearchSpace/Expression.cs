namespace Descent.Tuning;

/// <summary>A condition over parameters, such as <c>width % heads == 0 and (kind == adamw or kind == lion)</c>: when a parameter is there, or which points are allowed.</summary>
/// <remarks>
/// Numbers, texts (<c>"adamw"</c>, or bare where a categorical parameter of the comparison has that choice), <c>true</c> and <c>false</c>, names of parameters,
/// <c>+ - * / %</c>, <c>== != &lt; &lt;= &gt; &gt;=</c>, <c>in (a, b)</c>, <c>not</c>, <c>and</c>, <c>or</c>, parentheses. An expression that asks for a
/// parameter that isn't there is undecided, unless the rest decides it: as a condition it does not hold, as a constraint it is kept.
/// </remarks>
public sealed class Expression : IEquatable<Expression>
{
    private readonly ExpressionNode _root;

    private Expression(ExpressionNode root) => _root = root;

    /// <summary>The parameters it names.</summary>
    public IReadOnlyCollection<string> Names => _root.Names().ToHashSet();

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="SearchSpaceException">The text is no expression; the message says where.</exception>
    public static Expression Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Expression(ExpressionParser.Parse(text));
    }

    /// <summary>Whether it holds at a point; none: it asks for a parameter that isn't there.</summary>
    /// <param name="configuration">The point.</param>
    public bool? Holds(Configuration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return _root.Evaluate(configuration) is not { } value ? null
            : value.Kind == ParameterValueKind.Flag ? value.AsFlag()
            : throw new SearchSpaceException($"'{this}' is {value}, which is neither true nor false; allowed: a comparison.");
    }

    /// <summary>The same expression with bare words told apart, names of parameters and choices of theirs, once all its parts fit together.</summary>
    /// <param name="known">The parameters it may name.</param>
    /// <param name="where">For the message: whose expression it is.</param>
    internal Expression Bind(IReadOnlyCollection<Parameter> known, string where)
    {
        try
        {
            ExpressionNode bound = _root.Bind(known);
            Operators.Expect(ParameterValueKind.Flag, bound, known);
            return new Expression(bound);
        }
        catch (SearchSpaceException fault)
        {
            throw new SearchSpaceException($"{where} '{this}': {fault.Message}");
        }
    }

    /// <summary>Whether the texts are the same.</summary>
    /// <param name="other">The other expression.</param>
    public bool Equals(Expression? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Expression);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The text, which reads back to an equal expression.</summary>
    public override string ToString() => _root.Text(0);
}
