namespace Descent.Tuning.Tests.SearchSpaces;

/// <summary>Parameters as text, and what is said of wrong ones.</summary>
public sealed class ParameterTextTests
{
    [Theory]
    [InlineData("uniform(0,1)", "uniform(0,1)")]
    [InlineData(" uniform( -1.5 , 2e3 ) ", "uniform(-1.5,2000)")]
    [InlineData("uniform(0,1,step=0.25)", "uniform(0,1,step=0.25)")]
    [InlineData("log(1e-5,1e-1)", "log(1E-05,0.1)")]
    [InlineData("int(1,8)", "int(1,8)")]
    [InlineData("int(8,64, step = 8)", "int(8,64,step=8)")]
    [InlineData("int_log(1,1e3)", "int_log(1,1000)")]
    [InlineData("choice(relu, gelu,\"a, b\",'c d')", "choice(relu,gelu,\"a, b\",c d)")]
    [InlineData("choice(1,1.0,true,\"true\",\"1\")", "choice(1,1.0,true,\"true\",\"1\")")]
    [InlineData("choice(step, steps)", "choice(\"step\",\"steps\")")]
    [InlineData("ordinal(8,16,64)", "ordinal(8,16,64)")]
    [InlineData("uniform(0,1) if kind == adamw and not (depth < 3)", "uniform(0,1) if kind == adamw and not depth < 3")]
    public void Parse_OfAForm_ReadsIt(string text, string expected)
    {
        Assert.True(ParameterText.IsParameter(text));
        Assert.Equal(expected, ParameterText.Parse("x", text).ToString());
        Assert.Equal(expected, ParameterText.Parse("x", expected).ToString());
    }

    [Theory]
    [InlineData("uniform(1,0)", "x goes from 1 to 0; allowed: two finite numbers, the first below the second.")]
    [InlineData("log(0,1)", "x has a logarithmic scale from 0; allowed: a least value above 0. For values down to 0 use uniform.")]
    [InlineData("int(8,1)", "x goes from 8 to 1; allowed: whole numbers, the first not above the second, of at most 2^51 in size.")]
    [InlineData("int_log(0,8)", "x has a logarithmic scale from 0; allowed: a least value of 1 or more. For values down to 0 use int.")]
    [InlineData("int(0,10,step=3)", "x goes from 0 to 10 by 3; allowed: a whole step of at least 1 that leads from the first to the last value, such as to 9.")]
    [InlineData("uniform(0,1,step=0.3)", "x goes from 0 to 1 by 0.3; allowed: a step above 0 that leads from the first to the last value.")]
    [InlineData("uniform(0)", "x: 'uniform(0)' has 1 values; allowed: uniform(low,high) or uniform(low,high,step=s).")]
    [InlineData("log(0.1,1,step=0.1)", "x: 'log(0.1,1,step=0.1)' has 3 values; allowed: log(low,high).")]
    [InlineData("uniform(a,1)", "x: 'uniform(a,1)' has 'a' where a number is needed.")]
    [InlineData("int(0,1.5)", "x: 'int(0,1.5)' has '1.5' where a whole number is needed.")]
    [InlineData("choice(a,b,a)", "x has the choice a twice; allowed: choices that are all different.")]
    [InlineData("uniform(0,1", "x: 'uniform(0,1' ends where ')' is needed.")]
    [InlineData("uniform(0,1) when a", "x: 'uniform(0,1) when a': at character 14 stands 'when a'; allowed here: 'if' and a condition, or the end.")]
    [InlineData("uniform(0,1) if", "x: 'uniform(0,1) if' ends where a condition is needed.")]
    [InlineData("choice(\"a,b)", "x: 'choice(\"a,b)': the quote at character 8 is never closed.")]
    [InlineData("choice()", "x: 'choice()': at character 8 stands ')'; allowed here: a value.")]
    public void Parse_OfAWrongForm_SaysWhereAndWhatIsAllowed(string text, string message) =>
        Assert.Equal(message, Assert.Throws<SearchSpaceException>(() => ParameterText.Parse("x", text)).Message);

    [Theory]
    [InlineData("0.1")]
    [InlineData("loguniform(1,2)")]
    [InlineData("log")]
    [InlineData("logs/run")]
    public void IsParameter_OfOtherText_IsFalse(string text)
    {
        Assert.False(ParameterText.IsParameter(text));
        Assert.StartsWith($"x: '{text}' is no search range; allowed: uniform(0,1), ", Assert.Throws<SearchSpaceException>(() => ParameterText.Parse("x", text)).Message, StringComparison.Ordinal);
    }
}
