namespace Descent.Cli;

/// <summary>Tables as plain text, which keep their columns in a file as in a terminal.</summary>
internal static class TextTable
{
    /// <summary>The lines: the first column to the left, the others to the right.</summary>
    /// <param name="rows">The head, then the rows; all of the same length.</param>
    public static IReadOnlyList<string> Lines(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length))];
        return [.. rows.Select(row => string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd())];
    }
}
