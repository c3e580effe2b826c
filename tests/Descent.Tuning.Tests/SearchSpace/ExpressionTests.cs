namespace Descent.Tuning.Tests.SearchSpaces;

/// <summary>Expressions over the point a=3, b=0.5, kind=adamw, fast=true.</summary>
public sealed class ExpressionTests
{
    private static readonly SearchSpace Space = new(
        Parameter.Integer("a", 0, 10), Parameter.Uniform("b", 0, 1), Parameter.Choice("kind", "adamw", "lion", "weight decay"), Parameter.Choice("fast", true, false), Parameter.Integer("absent", 0, 1).When("a > 100"));

    private static readonly Configuration Point = new([new("a", 3), new("b", 0.5), new("kind", "adamw"), new("fast", true)]);

    [Theory]
    [InlineData("a == 3", true)]
    [InlineData("a != 3", false)]
    [InlineData("a + 1 < 2 * b + 4", true)]
    [InlineData("a - 1 - 1 == 1", true)]
    [InlineData("a / 2 == 1.5", true)]
    [InlineData("-a % 2 == 1", true)]
    [InlineData("a % 2 == 1 and b <= 0.5", true)]
    [InlineData("a > 5 or b > 0.4", true)]
    [InlineData("not a > 5 and not b > 0.6", true)]
    [InlineData("not (a > 5 or b > 0.4)", false)]
    [InlineData("kind == adamw", true)]
    [InlineData("kind == \"adamw\"", true)]
    [InlineData("adamw == kind", true)]
    [InlineData("kind in (lion, 'weight decay')", false)]
    [InlineData("kind in (lion, adamw)", true)]
    [InlineData("a in (1, 2, 3)", true)]
    [InlineData("fast", true)]
    [InlineData("fast == false", false)]
    [InlineData("absent == 1", null)]
    [InlineData("not absent == 1", null)]
    [InlineData("absent == 1 or a == 3", true)]
    [InlineData("absent == 1 and a == 3", null)]
    [InlineData("absent == 1 and a == 4", false)]
    [InlineData("a == 4 or absent == 1", null)]
    public void Holds_AtAPoint_IsWhatItSays(string text, bool? expected)
    {
        Expression bound = Space.Where(text).Constraints[0];
        Assert.Equal(expected, bound.Holds(Point));
        // The text form means the same.
        Expression again = Space.Where(bound.ToString()).Constraints[0];
        Assert.Equal(bound, again);
        Assert.Equal(expected, again.Holds(Point));
    }

    [Theory]
    [InlineData("a ==", "'a ==' ends where a name, a number, a text in quotes or ( is needed.")]
    [InlineData("a = 3", "'a = 3': at character 3 stands '= 3'; allowed here: and, or, a comparison or the end.")]
    [InlineData("(a == 3", "'(a == 3' ends where ')' is needed.")]
    [InlineData("a == 1.2.3", "'a == 1.2.3': at character 6 stands '1.2.3'; allowed here: a number.")]
    public void Parse_OfAWrongText_SaysWhere(string text, string message) =>
        Assert.Equal(message, Assert.Throws<SearchSpaceException>(() => Expression.Parse(text)).Message);

    [Theory]
    [InlineData("a + 1", "The constraint 'a + 1': 'a + 1' is a number, where true or false is needed.")]
    [InlineData("a and b", "The constraint 'a and b': 'a' is a number, where true or false is needed.")]
    [InlineData("not kind", "The constraint 'not kind': 'kind' is a text, where true or false is needed.")]
    [InlineData("kind < 3", "The constraint 'kind < 3': 'kind' is a text, where a number is needed.")]
    [InlineData("a == \"3\"", "The constraint 'a == \"3\"': 'a' is a number and '\"3\"' a text: they are never the same.")]
    [InlineData("-fast == 1", "The constraint '-fast == 1': 'fast' is true or false, where a number is needed.")]
    [InlineData("a in (1, true)", "The constraint 'a in (1, true)': 'a' is a number and 'true' true or false: they are never the same.")]
    public void Where_WithPartsThatDontFit_SaysWhich(string text, string message) =>
        Assert.Equal(message, Assert.Throws<SearchSpaceException>(() => Space.Where(text)).Message);

    [Fact]
    public void Holds_WhereItDividesByZero_SaysSo() =>
        Assert.Equal("1 / 0 divides by zero.", Assert.Throws<SearchSpaceException>(static () => Space.Where("1 / (a - 3) > 0").Constraints[0].Holds(Point)).Message);
}
