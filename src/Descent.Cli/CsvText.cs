using System.Text;

namespace Descent.Cli;

/// <summary>Tables as CSV, as RFC 4180 has it.</summary>
internal static class CsvText
{
    /// <summary>The text of all rows.</summary>
    public static string Of(IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder();
        foreach (IReadOnlyList<string> row in rows)
        {
            text.AppendJoin(',', row.Select(static cell => cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell)).Append('\n');
        }

        return text.ToString();
    }
}
