using Descent.Training.Probing;

namespace Descent.Cli.Rates;

/// <summary>The curve of a range test as text: rates to the right, the smoothed loss upwards.</summary>
internal static class RateChart
{
    private const int Height = 10;
    private const int Margin = 11;

    /// <summary>Draws the curve, <paramref name="width"/> letters wide.</summary>
    public static IReadOnlyList<string> Draw(RateCurve curve, int width)
    {
        int columns = Math.Clamp(width - Margin, 20, 100);
        if (curve.Rates.Count < 2)
        {
            return [];
        }

        (double first, double last) = (Math.Log(curve.Rates[0]), Math.Log(curve.Rates[^1]));
        double[] values = [.. Enumerable.Range(0, columns).Select(column => At(curve, first + ((last - first) * column / (columns - 1))))];
        double low = values.Min();

        // The end of a loss that runs away would press all the rest into one line.
        double high = Math.Max(Math.Min(values.Max(), values[..Math.Max(1, Array.IndexOf(values, low) + 1)].Max() * 1.15), low + 1e-12);
        char[][] rows = [.. Enumerable.Range(0, Height).Select(_ => new string(' ', columns).ToCharArray())];
        for (int column = 0; column < columns; column++)
        {
            int row = (int)Math.Round((high - Math.Min(values[column], high)) / (high - low) * (Height - 1));
            rows[row][column] = values[column] > high ? '↑' : '•';
        }

        List<string> lines = [.. rows.Select((row, number) => Label(number, low, high) + new string(row).TrimEnd())];
        char[] marks = new string(' ', columns).ToCharArray();
        foreach ((double? rate, char mark) in new[] { (curve.TenthOfMinimum, 'm'), (curve.Steepest, 's') })
        {
            if (rate is { } value)
            {
                marks[(int)Math.Round(Math.Clamp((Math.Log(value) - first) / (last - first), 0, 1) * (columns - 1))] = mark;
            }
        }

        string axis = Figures.Rate(curve.Rates[0]);
        string end = Figures.Rate(curve.Rates[^1]);
        lines.Add(new string(' ', Margin - 2) + "└" + new string('─', columns + 1));
        lines.Add(new string(' ', Margin) + new string(marks).TrimEnd());
        lines.Add(new string(' ', Margin) + axis + new string(' ', Math.Max(1, columns - axis.Length - end.Length)) + end);
        return lines;
    }

    private static string Label(int row, double low, double high) =>
        (row is 0 or Height - 1 ? Figures.Number(row == 0 ? high : low) : "").PadLeft(Margin - 3) + " │ ";

    private static double At(RateCurve curve, double logarithm)
    {
        int nearest = 0;
        for (int i = 1; i < curve.Rates.Count; i++)
        {
            nearest = Math.Abs(Math.Log(curve.Rates[i]) - logarithm) < Math.Abs(Math.Log(curve.Rates[nearest]) - logarithm) ? i : nearest;
        }

        return curve.Smoothed[nearest];
    }
}
