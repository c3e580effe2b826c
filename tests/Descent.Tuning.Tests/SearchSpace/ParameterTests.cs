using CsCheck;

namespace Descent.Tuning.Tests.SearchSpaces;

/// <summary>Values and their places in the unit interval.</summary>
public sealed class ParameterTests
{
    public static TheoryData<string> Forms =>
    [
        "uniform(-2,3.5)", "uniform(0,1,step=0.1)", "uniform(0.05,0.95,step=0.3)", "log(1e-5,0.1)", "int(-3,8)", "int(8,64,step=8)",
        "int_log(1,1024)", "int(4,4)", "choice(adamw,lion,\"a, b\")", "choice(1,1.0,true,x)", "ordinal(8,16,64)",
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void FromUnit_OfToUnit_IsTheSameValue(string form)
    {
        Parameter parameter = ParameterText.Parse("x", form);
        Gen.Double[0, 1].Sample(unit =>
        {
            ParameterValue value = parameter.FromUnit(unit);
            Assert.True(parameter.Contains(value));
            double place = parameter.ToUnit(value);
            Assert.InRange(place, 0, 1);
            ParameterValue again = parameter.FromUnit(place);
            if (parameter.Count is null)
            {
                Assert.Equal(value.AsNumber(), again.AsNumber(), 1e-12 * Math.Max(1, Math.Abs(value.AsNumber())));
            }
            else
            {
                Assert.Equal(value, again);
            }
        }, iter: 300, seed: "0000KOIPrgs6");
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Text_ReadsBackToAnEqualParameter(string form)
    {
        Parameter parameter = ParameterText.Parse("x", form);
        Assert.Equal(parameter, ParameterText.Parse("x", parameter.ToText()));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void CellOf_PartsTheUnitIntervalAmongTheValues(string form)
    {
        Parameter parameter = ParameterText.Parse("x", form);
        if (parameter.Count is not { } count)
        {
            Assert.Equal((0.25, 0.25), parameter.CellOf(0.25));
            return;
        }

        double edge = 0;
        for (long i = 0; i < count; i++)
        {
            (double low, double high) = parameter.CellOf(Math.Min(1, edge + 1e-9));
            Assert.Equal(edge, low, 1e-9);
            Assert.Equal(parameter.FromUnit(low + 1e-9), parameter.FromUnit(high - 1e-9));
            edge = high;
        }

        Assert.Equal(1, edge, 1e-12);
    }

    [Fact]
    public void FromUnit_OnALogarithmicScale_SpacesByFactors()
    {
        FloatParameter rate = Parameter.Log("rate", 1e-5, 1e-1);
        Assert.Equal(1e-3, rate.FromUnit(0.5).AsNumber(), 1e-15);
        Assert.Equal(1e-5, rate.FromUnit(0).AsNumber());
        Assert.Equal(1e-1, rate.FromUnit(1).AsNumber());
    }

    [Fact]
    public void FromUnit_OnAGrid_GivesRoundDecimals() =>
        Assert.Equal([0, 0.1, 0.2, 0.3, 0.4, 0.5], Enumerable.Range(0, 6).Select(i => Parameter.Step("x", 0, 0.5, 0.1).FromUnit((i + 0.5) / 6).AsNumber()));
}
