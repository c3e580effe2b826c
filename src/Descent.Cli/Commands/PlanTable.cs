using System.Globalization;
using Descent.Training.Memory;

namespace Descent.Cli.Commands;

/// <summary>A plan as a table for people.</summary>
internal static class PlanTable
{
    private static readonly string[] Headings = ["", "s/step", "peak", "process", "params", "grads", "states", "activ.", "loss", "rest", "settings"];

    /// <summary>Prints the settings that no other beats in both memory and time, or all of them.</summary>
    public static void Print(TextWriter output, MemoryPlan plan, bool all)
    {
        IEnumerable<PlanRow> rows = all ? plan.Rows : plan.Frontier().Append(plan.AsGiven).Concat(plan.Chosen is { } chosen ? [chosen] : []).Distinct().OrderBy(static row => row.StepSeconds);
        string[][] lines = [Headings, .. rows.Select(row => Cells(plan, row).ToArray())];
        int[] widths = [.. Headings.Select((_, column) => lines.Max(line => line[column].Length))];
        foreach (string[] line in lines)
        {
            // Numbers to the right, the settings last and unpadded: a narrow terminal breaks them, not the columns.
            output.WriteLine(string.Join("  ", line.Select((cell, column) => column == Headings.Length - 1 ? cell : cell.PadLeft(widths[column]))));
        }

        output.WriteLine();
        output.WriteLine(plan.Chosen is null ? plan.Reason : $"→ {plan.Chosen.Settings.Describe()}: {plan.Reason}.");
        output.WriteLine("· the settings as they stand in the run file. MiB at the highest point of the whole process; \"rest\" is workspace.");
    }

    private static IEnumerable<string> Cells(MemoryPlan plan, PlanRow row)
    {
        bool given = row.Settings == plan.AsGiven.Settings, chosen = row.Settings == plan.Chosen?.Settings;
        yield return (chosen ? "→" : "") + (given ? "·" : "");
        yield return row.StepSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        MemoryBreakdown peak = row.Peak;
        foreach (long bytes in new[] { peak.Total, peak.Process, peak.Parameters, peak.Gradients, peak.States, peak.Activations, peak.Loss, peak.Workspace })
        {
            yield return (bytes / (double)(1 << 20)).ToString("#,0", CultureInfo.InvariantCulture);
        }

        yield return row.Settings.Describe();
    }
}
