namespace Descent.Tuning;

/// <summary>What the signs of an expression do.</summary>
internal static class Operators
{
    public static int Precedence(string sign) => sign switch
    {
        "or" => 1,
        "and" => 2,
        "==" or "!=" or "<" or "<=" or ">" or ">=" or "in" => 4,
        "+" or "-" => 5,
        _ => 6,
    };

    public static string Wrap(string text, int own, int around) => own < around ? $"({text})" : text;

    public static ParameterValue Apply(string sign, ParameterValue left, ParameterValue right) => sign switch
    {
        "==" => Same(left, right),
        "!=" => !Same(left, right),
        "<" => Number(left) < Number(right),
        "<=" => Number(left) <= Number(right),
        ">" => Number(left) > Number(right),
        ">=" => Number(left) >= Number(right),
        _ => Calculate(sign, left, right),
    };

    public static bool Same(ParameterValue left, ParameterValue right) =>
        left.IsNumeric && right.IsNumeric ? left.AsNumber() == right.AsNumber() : left == right;

    public static bool Flag(ParameterValue value) => value.Kind == ParameterValueKind.Flag
        ? value.AsFlag()
        : throw new SearchSpaceException($"'{value}' stands where true or false is needed; allowed: a comparison.");

    public static double Number(ParameterValue value) => value.IsNumeric
        ? value.AsNumber()
        : throw new SearchSpaceException($"'{value}' stands where a number is needed.");

    /// <summary>Refuses a part that can't be what stands around it needs.</summary>
    public static void Expect(ParameterValueKind wanted, ExpressionNode node, IReadOnlyCollection<Parameter> known)
    {
        if (node.Kind(known) is { } kind && kind != wanted)
        {
            throw new SearchSpaceException($"'{node.Text(0)}' is {Phrase(kind)}, where {Phrase(wanted)} is needed.");
        }
    }

    /// <summary>Refuses to compare what can never be the same.</summary>
    public static void ExpectSame(ExpressionNode left, ExpressionNode right, IReadOnlyCollection<Parameter> known)
    {
        if (left.Kind(known) is { } one && right.Kind(known) is { } other && one != other)
        {
            throw new SearchSpaceException($"'{left.Text(0)}' is {Phrase(one)} and '{right.Text(0)}' {Phrase(other)}: they are never the same.");
        }
    }

    /// <summary>A bare word beside a categorical parameter is one of its choices, where no parameter has that name.</summary>
    public static ExpressionNode AsChoice(ExpressionNode beside, ExpressionNode node, IReadOnlyCollection<Parameter> known)
    {
        if (beside is not NameNode { Name: var name } || known.FirstOrDefault(parameter => parameter.Name == name) is not CategoricalParameter categorical)
        {
            return node;
        }

        ExpressionNode choice = node is NameNode { Name: var word } && known.All(parameter => parameter.Name != word) ? new LiteralNode(word) : node;
        return choice is LiteralNode { Value: var value } && !categorical.Choices.Any(one => Same(one, value))
            ? throw new SearchSpaceException($"{name} is never {ParameterText.Write(value)}; it is one of {string.Join(", ", categorical.Choices.Select(ParameterText.Write))}.")
            : choice;
    }

    private static string Phrase(ParameterValueKind kind) => kind switch
    {
        ParameterValueKind.Flag => "true or false",
        ParameterValueKind.Text => "a text",
        _ => "a number",
    };

    private static ParameterValue Calculate(string sign, ParameterValue left, ParameterValue right)
    {
        bool whole = left.Kind == ParameterValueKind.Integer && right.Kind == ParameterValueKind.Integer && sign != "/";
        (double a, double b) = (Number(left), Number(right));
        if (b == 0 && sign is "/" or "%")
        {
            throw new SearchSpaceException($"{left} {sign} {right} divides by zero.");
        }

        double value = sign switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            _ => a - (b * Math.Floor(a / b)),
        };
        return !double.IsFinite(value) ? throw new SearchSpaceException($"{left} {sign} {right} is beyond all numbers.")
            : whole && Math.Abs(value) < 1L << 53 ? (long)value : value;
    }
}
