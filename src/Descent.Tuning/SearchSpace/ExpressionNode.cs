namespace Descent.Tuning;

/// <summary>A part of an expression. Values are null where a parameter that is asked for isn't there.</summary>
internal abstract record ExpressionNode
{
    // Not the literal: that would be taken for a text.
    protected static ParameterValue? Absent => default(ParameterValue?);

    public abstract ParameterValue? Evaluate(Configuration configuration);

    public abstract IEnumerable<string> Names();

    public abstract ExpressionNode Bind(IReadOnlyCollection<Parameter> known);

    /// <summary>What its values are, whole numbers counted among the numbers; none: that differs from point to point.</summary>
    public abstract ParameterValueKind? Kind(IReadOnlyCollection<Parameter> known);

    /// <summary>The text, in parentheses where what stands around it binds more tightly.</summary>
    public abstract string Text(int around);
}

internal sealed record LiteralNode(ParameterValue Value) : ExpressionNode
{
    public override ParameterValue? Evaluate(Configuration configuration) => Value;

    public override IEnumerable<string> Names() => [];

    public override ExpressionNode Bind(IReadOnlyCollection<Parameter> known) => this;

    public override ParameterValueKind? Kind(IReadOnlyCollection<Parameter> known) => Value.IsNumeric ? ParameterValueKind.Number : Value.Kind;

    public override string Text(int around) => Value.Kind == ParameterValueKind.Text ? ParameterText.Quote(Value.AsText()) : ParameterText.Write(Value);
}

internal sealed record NameNode(string Name) : ExpressionNode
{
    public override ParameterValue? Evaluate(Configuration configuration) =>
        configuration.TryGetValue(Name, out ParameterValue value) ? value : Absent;

    public override IEnumerable<string> Names() => [Name];

    public override ExpressionNode Bind(IReadOnlyCollection<Parameter> known) => known.Any(parameter => parameter.Name == Name)
        ? this
        : throw new SearchSpaceException($"there is no parameter '{Name}' before it; there are: {(known.Count == 0 ? "none" : string.Join(", ", known.Select(static one => one.Name)))}.");

    public override ParameterValueKind? Kind(IReadOnlyCollection<Parameter> known) =>
        known.First(parameter => parameter.Name == Name) is not CategoricalParameter { Choices: var choices } ? ParameterValueKind.Number
            : choices.All(static choice => choice.IsNumeric) ? ParameterValueKind.Number
            : choices.All(choice => choice.Kind == choices[0].Kind) ? choices[0].Kind
            : null;

    public override string Text(int around) => Name;
}

internal sealed record NotNode(ExpressionNode Operand) : ExpressionNode
{
    public const int Precedence = 3;

    public override ParameterValue? Evaluate(Configuration configuration) =>
        Operand.Evaluate(configuration) is { } value ? !Operators.Flag(value) : Absent;

    public override IEnumerable<string> Names() => Operand.Names();

    public override ExpressionNode Bind(IReadOnlyCollection<Parameter> known) => new NotNode(Operand.Bind(known));

    public override ParameterValueKind? Kind(IReadOnlyCollection<Parameter> known)
    {
        Operators.Expect(ParameterValueKind.Flag, Operand, known);
        return ParameterValueKind.Flag;
    }

    public override string Text(int around) => Operators.Wrap($"not {Operand.Text(Precedence)}", Precedence, around);
}

internal sealed record NegateNode(ExpressionNode Operand) : ExpressionNode
{
    public const int Precedence = 7;

    public override ParameterValue? Evaluate(Configuration configuration) =>
        Operand.Evaluate(configuration) is not { } value ? Absent
            : value.Kind == ParameterValueKind.Integer ? -value.AsInteger() : -Operators.Number(value);

    public override IEnumerable<string> Names() => Operand.Names();

    public override ExpressionNode Bind(IReadOnlyCollection<Parameter> known) => new NegateNode(Operand.Bind(known));

    public override ParameterValueKind? Kind(IReadOnlyCollection<Parameter> known)
    {
        Operators.Expect(ParameterValueKind.Number, Operand, known);
        return ParameterValueKind.Number;
    }

    public override string Text(int around) => Operators.Wrap($"-{Operand.Text(Precedence)}", Precedence, around);
}

internal sealed record BinaryNode(string Operator, ExpressionNode Left, ExpressionNode Right) : ExpressionNode
{
    public override ParameterValue? Evaluate(Configuration configuration)
    {
        ParameterValue? left = Left.Evaluate(configuration);
        if (Operator is "and" or "or")
        {
            // What one side decides, the other can't change, whether it is there or not.
            bool decides = Operator == "or";
            if (left is { } first && Operators.Flag(first) == decides)
            {
                return decides;
            }

            ParameterValue? right = Right.Evaluate(configuration);
            return right is { } second && Operators.Flag(second) == decides ? decides
                : left is null || right is null ? Absent : !decides;
        }

        return left is { } a && Right.Evaluate(configuration) is { } b ? Operators.Apply(Operator, a, b) : Absent;
    }

    public override IEnumerable<string> Names() => Left.Names().Concat(Right.Names());

    public override ExpressionNode Bind(IReadOnlyCollection<Parameter> known)
    {
        (ExpressionNode left, ExpressionNode right) = (Left, Right);
        if (Operator is "==" or "!=")
        {
            right = Operators.AsChoice(left, right, known);
            left = Operators.AsChoice(right, left, known);
        }

        return new BinaryNode(Operator, left.Bind(known), right.Bind(known));
    }

    public override ParameterValueKind? Kind(IReadOnlyCollection<Parameter> known)
    {
        if (Operator is "==" or "!=")
        {
            Operators.ExpectSame(Left, Right, known);
        }
        else
        {
            ParameterValueKind wanted = Operator is "and" or "or" ? ParameterValueKind.Flag : ParameterValueKind.Number;
            Operators.Expect(wanted, Left, known);
            Operators.Expect(wanted, Right, known);
        }

        return Operator is "+" or "-" or "*" or "/" or "%" ? ParameterValueKind.Number : ParameterValueKind.Flag;
    }

    public override string Text(int around)
    {
        int own = Operators.Precedence(Operator);
        return Operators.Wrap($"{Left.Text(own)} {Operator} {Right.Text(own + 1)}", own, around);
    }
}

internal sealed record InNode(ExpressionNode Item, IReadOnlyList<ExpressionNode> Choices) : ExpressionNode
{
    public override ParameterValue? Evaluate(Configuration configuration) =>
        Item.Evaluate(configuration) is not { } item ? Absent
            : Choices.Any(choice => choice.Evaluate(configuration) is { } value && Operators.Same(item, value));

    public override IEnumerable<string> Names() => Item.Names().Concat(Choices.SelectMany(static choice => choice.Names()));

    public override ExpressionNode Bind(IReadOnlyCollection<Parameter> known) =>
        new InNode(Item.Bind(known), [.. Choices.Select(choice => Operators.AsChoice(Item, choice, known).Bind(known))]);

    public override ParameterValueKind? Kind(IReadOnlyCollection<Parameter> known)
    {
        foreach (ExpressionNode choice in Choices)
        {
            Operators.ExpectSame(Item, choice, known);
        }

        return ParameterValueKind.Flag;
    }

    public override string Text(int around) => Operators.Wrap(
        $"{Item.Text(Operators.Precedence("in"))} in ({string.Join(", ", Choices.Select(static choice => choice.Text(0)))})", Operators.Precedence("in"), around);
}
