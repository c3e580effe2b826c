namespace Descent.Tuning.Races;

/// <summary>Where a point lies at the end of a range: what is beyond it may be better.</summary>
internal static class SpaceEdges
{
    // A twentieth of a range of three orders of magnitude is a factor of 1.4.
    private const double Near = 0.05;

    // How far a range goes on beyond its end, and how much of it stays, in parts of its length on the logarithmic scale.
    private const double Beyond = 0.5;
    private const double Kept = 0.15;

    /// <summary>−1 or 1 where a value lies at the lower or the upper end of its range; 0 elsewhere. An end that is zero is no end: there is nothing beyond it.</summary>
    public static int SideOf(Parameter parameter, ParameterValue value)
    {
        if (!parameter.IsOrdered || parameter.Count is < 3 || (value.IsNumeric && value.AsNumber() == 0))
        {
            return 0;
        }

        double unit = parameter.ToUnit(value), near = parameter.Count is { } count ? 0.75 / count : Near;
        return unit <= near ? -1 : unit >= 1 - near ? 1 : 0;
    }

    /// <summary>The parameters at whose ends a point lies.</summary>
    public static IReadOnlyList<string> Of(SearchSpace space, Configuration point) =>
        [.. space.Parameters.Where(parameter => point.TryGetValue(parameter.Name, out ParameterValue value) && SideOf(parameter, value) != 0).Select(static parameter => parameter.Name)];

    /// <summary>The space that goes on where the best point lies at an end of one of the parameters that may go on; none: it doesn't.</summary>
    public static SearchSpace? Beyonds(SearchSpace space, Configuration best, IReadOnlyList<string> names)
    {
        Parameter[] parameters = [.. space.Parameters.Select(parameter => names.Contains(parameter.Name) ? Widened(parameter, best) : parameter)];
        return parameters.SequenceEqual(space.Parameters) ? null : SearchSpace.Of(parameters, space.Constraints);
    }

    private static Parameter Widened(Parameter parameter, Configuration best)
    {
        if (parameter is not FloatParameter { IsLog: true } range || !best.TryGetValue(parameter.Name, out ParameterValue value) || SideOf(parameter, value) is var side && side == 0)
        {
            return parameter;
        }

        double factor = range.High / range.Low;
        (double low, double high) = side > 0
            ? (range.High / Math.Pow(factor, Kept), range.High * Math.Pow(factor, Beyond))
            : (range.Low / Math.Pow(factor, Beyond), range.Low * Math.Pow(factor, Kept));
        return Parameter.Log(parameter.Name, low, high) with { Condition = parameter.Condition };
    }
}
