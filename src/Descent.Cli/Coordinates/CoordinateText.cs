using System.Globalization;
using Descent.Training.Parametrization;

namespace Descent.Cli.Coordinates;

/// <summary>What a coordinate check says in words, the same in the terminal and on the page.</summary>
internal static class CoordinateText
{
    /// <summary>The table: a line a segment, with the slopes after the first and the last step.</summary>
    public static IReadOnlyList<string> Table(CoordinateTable table)
    {
        int steps = table.Options.Steps;
        string[][] rows =
        [
            ["", $"standard: size at 0", "size", "change", $"muP: size at 0", "size", "change"],
            .. table.Of(ParametrizationKind.Standard).Zip(table.Of(ParametrizationKind.Mup)).Select(pair => (string[])
            [
                pair.First.Segment,
                Slope(pair.First.SizeSlope(0)), Slope(pair.First.SizeSlope(steps)), Slope(pair.First.ChangeSlope(steps)),
                Slope(pair.Second.SizeSlope(0)), Slope(pair.Second.SizeSlope(steps)), Slope(pair.Second.ChangeSlope(steps)),
            ]),
        ];
        return
        [
            $"slopes over width {string.Join(", ", table.Options.Widths)}: d log ÷ d log width of mean |x| at step 0 and step {steps}, and of its change mean |x − x₀| at step {steps}",
            .. TextTable.Lines(rows),
        ];
    }

    /// <summary>The verdict on each parametrization.</summary>
    public static IReadOnlyList<string> Verdicts(CoordinateTable table) => [Verdict(table, ParametrizationKind.Standard), Verdict(table, ParametrizationKind.Mup)];

    /// <summary>A slope with its sign.</summary>
    public static string Slope(double slope) => double.IsFinite(slope) ? slope.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture) : "none";

    private static string Verdict(CoordinateTable table, ParametrizationKind kind)
    {
        string name = kind == ParametrizationKind.Mup ? "muP" : "standard";
        if (table.Diverged(kind) is { Count: > 0 } diverged)
        {
            return $"{name}: the training diverged at width {string.Join(", ", diverged)}: the rate is too large there";
        }

        CoordinateCurve steepest = table.Steepest(kind);
        double slope = steepest.ChangeSlope(table.Options.Steps);
        return table.IsWidthIndependent(kind)
            ? $"{name}: what {table.Options.Steps} steps change doesn't depend on the width (steepest: {steepest.Segment}, {Slope(slope)}; counted as none up to ±{CoordinateTable.Tolerance.ToString(CultureInfo.InvariantCulture)})"
            : $"{name}: what {table.Options.Steps} steps change in {steepest.Segment} goes with width to the power of {Slope(slope)}: the best rate moves with the width";
    }
}
