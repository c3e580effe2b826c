namespace Descent.Tuning;

/// <summary>Reads expressions: or, and, not, comparison, sum, product, sign, each binding more tightly than the one before.</summary>
internal sealed class ExpressionParser
{
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];
    private readonly TextScanner _scanner;

    private ExpressionParser(TextScanner scanner) => _scanner = scanner;

    public static ExpressionNode Parse(string text)
    {
        TextScanner scanner = new(text);
        ExpressionNode root = new ExpressionParser(scanner).Or();
        return scanner.AtEnd ? root : throw scanner.Unexpected("and, or, a comparison or the end");
    }

    private ExpressionNode Or()
    {
        ExpressionNode left = And();
        while (_scanner.TakeWord("or"))
        {
            left = new BinaryNode("or", left, And());
        }

        return left;
    }

    private ExpressionNode And()
    {
        ExpressionNode left = Not();
        while (_scanner.TakeWord("and"))
        {
            left = new BinaryNode("and", left, Not());
        }

        return left;
    }

    private ExpressionNode Not() => _scanner.TakeWord("not") ? new NotNode(Not()) : Comparison();

    private ExpressionNode Comparison()
    {
        ExpressionNode left = Sum();
        if (_scanner.TakeWord("in"))
        {
            return new InNode(left, List());
        }

        return Comparisons.FirstOrDefault(_scanner.Take) is { } sign ? new BinaryNode(sign, left, Sum()) : left;
    }

    private List<ExpressionNode> List()
    {
        _scanner.Expect("(");
        List<ExpressionNode> items = [Sum()];
        while (_scanner.Take(","))
        {
            items.Add(Sum());
        }

        _scanner.Expect(")");
        return items;
    }

    private ExpressionNode Sum()
    {
        ExpressionNode left = Product();
        while (true)
        {
            if (_scanner.Take("+"))
            {
                left = new BinaryNode("+", left, Product());
            }
            else if (_scanner.Take("-"))
            {
                left = new BinaryNode("-", left, Product());
            }
            else
            {
                return left;
            }
        }
    }

    private ExpressionNode Product()
    {
        ExpressionNode left = Sign();
        while (((string[])["*", "/", "%"]).FirstOrDefault(_scanner.Take) is { } sign)
        {
            left = new BinaryNode(sign, left, Sign());
        }

        return left;
    }

    private ExpressionNode Sign()
    {
        if (_scanner.Take("-"))
        {
            return new NegateNode(Sign());
        }

        if (_scanner.Take("("))
        {
            ExpressionNode inner = Or();
            _scanner.Expect(")");
            return inner;
        }

        return _scanner.TakeQuoted() is { } quoted ? new LiteralNode(quoted)
            : _scanner.TakeNumber() is { } number ? new LiteralNode(number)
            : _scanner.TakeName() switch
            {
                null => throw _scanner.Unexpected("a name, a number, a text in quotes or ("),
                "true" => new LiteralNode(true),
                "false" => new LiteralNode(false),
                { } name => new NameNode(name),
            };
    }
}
