using System.Buffers;
using System.Text.Json;
using CsCheck;

namespace Descent.Tuning.Tests.SearchSpaces;

/// <summary>Spaces: conditions, constraints, equality, what is said of wrong ones.</summary>
public sealed class SearchSpaceTests
{
    private static readonly SearchSpace Space = new SearchSpace(
        Parameter.Choice("kind", "adamw", "lion", "sgd"),
        Parameter.Log("rate", 1e-5, 1e-1),
        Parameter.Uniform("beta2", 0.9, 0.999).When("kind == adamw"),
        Parameter.Uniform("momentum", 0, 0.99).When("kind in (sgd, lion) and rate > 0.001"),
        Parameter.Integer("width", 8, 64, 8),
        Parameter.Integer("heads", 1, 8))
        .Where("width % heads == 0")
        .Where("beta2 < 0.99 or rate < 0.01");

    [Fact]
    public void FromUnit_WithConditions_LeavesOutWhatIsNotThere()
    {
        Assert.Equal(["kind", "rate", "beta2", "width", "heads"], Space.FromUnit([0.1, 0.9, 0.5, 0.5, 0.5, 0.5]).Keys);
        Assert.Equal(["kind", "rate", "momentum", "width", "heads"], Space.FromUnit([0.5, 0.9, 0.5, 0.5, 0.5, 0.5]).Keys);
        Assert.Equal(["kind", "rate", "width", "heads"], Space.FromUnit([0.9, 0.1, 0.5, 0.5, 0.5, 0.5]).Keys);
    }

    [Fact]
    public void ToUnit_OfAnyPoint_LeadsBackToIt()
    {
        Gen.Double[0, 1].Array[6].Sample(unit =>
        {
            Configuration point = Space.FromUnit(unit);
            double[] place = Space.ToUnit(point);
            Configuration again = Space.FromUnit(place);
            Assert.Equal(point.Keys, again.Keys);
            Assert.All(point.Keys, name => Assert.Equal(point[name].IsNumeric ? point[name].AsNumber() : 0, again[name].IsNumeric ? again[name].AsNumber() : 0, 1e-12));
            Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(double.IsNaN(place[i]), !Space.IsActive(i, point)));
        }, iter: 500, seed: "0000KOIPrgs6");
    }

    [Theory]
    [InlineData("width=16,heads=4,kind=sgd,rate=0.0001", true)]
    [InlineData("width=16,heads=3,kind=sgd,rate=0.0001", false)]
    // beta2 isn't there: what asks for it is kept.
    [InlineData("width=16,heads=4,kind=sgd,rate=0.05,momentum=0.5", true)]
    [InlineData("width=16,heads=4,kind=adamw,rate=0.05,beta2=0.995", false)]
    [InlineData("width=16,heads=4,kind=adamw,rate=0.005,beta2=0.995", true)]
    public void IsFeasible_AsksTheConstraints(string values, bool expected)
    {
        Configuration point = new(values.Split(',').Select(static pair => pair.Split('=')).Select(static pair => new KeyValuePair<string, ParameterValue>(
            pair[0], pair[0] == "kind" ? pair[1] : pair[0] is "width" or "heads" ? long.Parse(pair[1]) : double.Parse(pair[1]))));
        Assert.Equal(expected, Space.IsFeasible(point));
    }

    [Fact]
    public void Json_ReadsBackToAnEqualSpace()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            SearchSpaceJson.Write(writer, Space);
        }

        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        SearchSpace again = SearchSpaceJson.Read(document.RootElement);
        Assert.Equal(Space, again);
        Assert.Equal(Space.GetHashCode(), again.GetHashCode());
        Assert.Equal(Space.ToString(), again.ToString());
    }

    [Fact]
    public void Equals_TellsSpacesApart()
    {
        Assert.NotEqual(new SearchSpace(Parameter.Uniform("x", 0, 1)), new SearchSpace(Parameter.Uniform("x", 0, 2)));
        Assert.NotEqual(new SearchSpace(Parameter.Uniform("x", 0, 1)), new SearchSpace(Parameter.Uniform("x", 0, 1)).Where("x < 0.5"));
        Assert.NotEqual(new SearchSpace(Parameter.Choice("x", 1, 2)), new SearchSpace(Parameter.Choice("x", 1, 2.0)));
        Assert.NotEqual(new SearchSpace(Parameter.Choice("x", 1, 2)), new SearchSpace(Parameter.Ordinal("x", 1, 2)));
        Assert.Equal(new SearchSpace(Parameter.Choice("x", "a", "b")), new SearchSpace(ParameterText.Parse("x", "choice( a , 'b' )")));
    }

    [Fact]
    public void Point_FromAPersonsValues_OrdersAndChecksThem()
    {
        Configuration point = Space.Point(new Dictionary<string, ParameterValue> { ["heads"] = 2, ["kind"] = "sgd", ["width"] = 8, ["rate"] = 1e-4 });
        Assert.Equal("kind=sgd, rate=0.0001, width=8, heads=2", point.ToString());
        Assert.Equal(
            "The point has no heads; allowed: int(1,8).",
            Fault(static () => Space.Point(new Dictionary<string, ParameterValue> { ["kind"] = "sgd", ["width"] = 8, ["rate"] = 1e-4 })));
        Assert.Equal(
            "width is 9; allowed: int(8,64,step=8).",
            Fault(static () => Space.Point(new Dictionary<string, ParameterValue> { ["heads"] = 2, ["kind"] = "sgd", ["width"] = 9, ["rate"] = 1e-4 })));
        Assert.Equal(
            "The point has a value for beta2, which isn't there; there are: kind, rate, width, heads.",
            Fault(static () => Space.Point(new Dictionary<string, ParameterValue> { ["heads"] = 2, ["kind"] = "sgd", ["width"] = 8, ["rate"] = 1e-4, ["beta2"] = 0.95 })));
        Assert.Equal(
            "The point kind=sgd, rate=0.0001, width=8, heads=3 breaks the constraint width % heads == 0.",
            Fault(static () => Space.Point(new Dictionary<string, ParameterValue> { ["heads"] = 3, ["kind"] = "sgd", ["width"] = 8, ["rate"] = 1e-4 })));
    }

    [Fact]
    public void WrongSpaces_AreOneClearError()
    {
        Assert.Equal("There are two parameters 'x'; allowed: one of a name.", Fault(static () => new SearchSpace(Parameter.Uniform("x", 0, 1), Parameter.Integer("x", 0, 1))));
        Assert.Equal(
            "The condition of x, 'kind == adam': there is no parameter 'kind' before it; there are: none.",
            Fault(static () => new SearchSpace(Parameter.Uniform("x", 0, 1).When("kind == adam"), Parameter.Choice("kind", "adam", "sgd"))));
        Assert.Equal(
            "The condition of x, 'kind == adma': kind is never adma; it is one of adam, sgd.",
            Fault(static () => new SearchSpace(Parameter.Choice("kind", "adam", "sgd"), Parameter.Uniform("x", 0, 1).When("kind == adma"))));
        Assert.Equal(
            "The constraint 'depth > 1': there is no parameter 'depth' before it; there are: x.",
            Fault(static () => new SearchSpace(Parameter.Uniform("x", 0, 1)).Where("depth > 1")));
        Assert.Equal(
            "A parameter is named 'learning rate'; allowed: a letter or _, then letters, digits and _ . [ ], and none of and, or, not, in, if, true, false.",
            Fault(static () => Parameter.Uniform("learning rate", 0, 1)));
    }

    private static string Fault(Func<object> make) => Assert.Throws<SearchSpaceException>(make).Message;
}
