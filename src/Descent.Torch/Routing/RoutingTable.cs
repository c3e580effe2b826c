using System.Globalization;

namespace Descent.Torch;

/// <summary>The routing table as text, for terminals and files.</summary>
public static class RoutingTable
{
    private static readonly string[] Head = ["group", "rule", "what", "tensors", "elements", "rate", "decay", "state bytes"];

    /// <summary>The table with its head, one line a row, columns aligned.</summary>
    /// <param name="rows">The rows.</param>
    public static IReadOnlyList<string> Lines(IEnumerable<RoutingRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        string[][] cells = [Head, .. rows.Select(Cells)];
        int[] widths = [.. Head.Select((_, column) => cells.Max(row => row[column].Length))];
        return [.. cells.Select(row => string.Join("  ", row.Select((cell, column) => column < 3 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd())];
    }

    private static string[] Cells(RoutingRow row) =>
    [
        row.Group,
        row.Rule,
        row.Roles,
        row.Parameters.ToString("#,0", CultureInfo.InvariantCulture),
        row.Elements.ToString("#,0", CultureInfo.InvariantCulture),
        row.Rule == Routing.FrozenRule ? "" : row.LearningRate.ToString("G4", CultureInfo.InvariantCulture),
        row.Rule == Routing.FrozenRule ? "" : row.WeightDecay.ToString("G4", CultureInfo.InvariantCulture),
        row.StateBytes.ToString("#,0", CultureInfo.InvariantCulture),
    ];
}
