namespace Descent.Cli.Progress;

/// <summary>A curve in one line of text.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>Draws <paramref name="values"/> at most <paramref name="width"/> letters wide, from their least to their greatest.</summary>
    /// <remarks>The scale is logarithmic when all are positive, so that progress shows after a steep start as well.</remarks>
    public static string Draw(ReadOnlySpan<double> values, int width)
    {
        int columns = Math.Min(width, values.Length);
        if (columns < 2)
        {
            return "";
        }

        double[] heights = new double[columns];
        for (int i = 0; i < columns; i++)
        {
            int start = i * values.Length / columns;
            int end = (i + 1) * values.Length / columns;
            heights[i] = Mean(values[start..end]);
        }

        if (heights.All(height => height > 0))
        {
            heights = [.. heights.Select(height => Math.Log(height))];
        }

        (double low, double high) = (heights.Min(), heights.Max());
        double scale = high > low ? (Bars.Length - 1) / (high - low) : 0;
        return string.Concat(heights.Select(height => Bars[(int)Math.Round((height - low) * scale)]));
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }
}
