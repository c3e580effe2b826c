using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Descent.Cli.Report;

/// <summary>The charts as the JSON that the page's script draws.</summary>
internal static class CurveData
{
    /// <summary>
    /// One object with the runs' names, the unit of time and the charts. It is safe inside a script element: the default encoder escapes
    /// angle brackets, quotes and everything that isn't ASCII.
    /// </summary>
    public static string Write(IReadOnlyList<RunReport> runs, IReadOnlyList<Panel> panels)
    {
        (string unit, double seconds) = TimeUnit(runs.Max(run => run.Seconds));
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("runs");
            foreach (RunReport run in runs)
            {
                json.WriteStringValue(run.Name);
            }

            json.WriteEndArray();
            json.WriteString("timeUnit", unit);
            json.WriteStartArray("panels");
            foreach (Panel panel in panels)
            {
                WritePanel(json, panel, seconds);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static (string Unit, double Seconds) TimeUnit(double longest) => longest switch
    {
        < 120 => ("seconds", 1),
        < 7200 => ("minutes", 60),
        _ => ("hours", 3600),
    };

    private static void WritePanel(Utf8JsonWriter json, Panel panel, double secondsPerUnit)
    {
        json.WriteStartObject();
        json.WriteString("id", panel.Id);
        json.WriteString("unit", panel.Unit);
        json.WriteBoolean("log", panel.IsLog);
        json.WriteStartArray("traces");
        foreach (Trace trace in panel.Traces.Where(trace => trace.Values.Count > 0))
        {
            json.WriteStartObject();
            json.WriteNumber("run", trace.Run);
            json.WriteString("name", trace.Name);
            json.WriteString("style", trace.Style.ToString());
            if (trace.Best is { } best)
            {
                json.WriteNumber("best", best);
            }

            WriteNumbers(json, "step", trace.Steps.Select(step => (double)step), "R");
            WriteNumbers(json, "time", trace.Seconds.Select(seconds => seconds / secondsPerUnit), "G6");
            WriteNumbers(json, "y", trace.Values, "G6");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Six digits are more than a screen shows and a third of what a double takes.
    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<double> numbers, string format)
    {
        json.WriteStartArray(name);
        foreach (double number in numbers)
        {
            if (double.IsFinite(number))
            {
                json.WriteRawValue(number.ToString(format, CultureInfo.InvariantCulture), skipInputValidation: true);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
    }
}
