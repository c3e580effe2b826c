using Descent.Cli.Tuning;
using Descent.Tuning.Races;

namespace Descent.Cli.Comparing;

/// <summary>A comparison as plain lines, for files, pipes and machines: one when a run ends.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="metric">The metric that decides.</param>
internal sealed class PlainCompareDisplay(TextWriter output, string metric) : CompareDisplay
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public override void Ended(RaceRun run, string name, string how)
    {
        string with = run.IsSearch ? $" with {TuneText.Point(run.Configuration)}" : "";
        Say($"{run.Contender.Name} {name}{with}: {(how.StartsWith("failed", StringComparison.Ordinal) || how.StartsWith("pruned", StringComparison.Ordinal) ? how : $"{metric} {how}")}");
    }

    /// <inheritdoc/>
    public override void Say(string message)
    {
        lock (_gate)
        {
            output.WriteLine(message);
            output.Flush();
        }
    }
}
