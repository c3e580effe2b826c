using System.Globalization;
using System.Text.Json;

namespace Descent.Tuning;

/// <summary>A line that a trial's process prints for its worker.</summary>
/// <param name="Step">Of a report.</param>
/// <param name="Value">Of a report.</param>
/// <param name="Objectives">The result; none: it is a report.</param>
internal sealed record TrialLine(long Step, double Value, IReadOnlyList<double>? Objectives)
{
    /// <summary>Reads a line; none: it is meant for somebody else.</summary>
    public static TrialLine? Read(string line)
    {
        if (!line.StartsWith('{'))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return root.TryGetProperty("objectives", out JsonElement several) ? new TrialLine(0, 0, [.. several.EnumerateArray().Select(Number)])
                : root.TryGetProperty("objective", out JsonElement one) ? new TrialLine(0, 0, [Number(one)])
                : root.TryGetProperty("step", out JsonElement step) && root.TryGetProperty("value", out JsonElement value) ? new TrialLine(step.GetInt64(), Number(value), null)
                : null;
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            return null;
        }
    }

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();
}
