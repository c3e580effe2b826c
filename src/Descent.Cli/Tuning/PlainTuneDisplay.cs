using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>Trials as plain lines, for files, pipes and machines: one when a trial begins, one when it ends.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="objectives">What trials are compared by.</param>
internal sealed class PlainTuneDisplay(TextWriter output, TuneObjectives objectives) : TuneDisplay
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public override void Started(Trial trial) =>
        Say($"trial {trial.Number} {(trial.Attempt > 1 ? "goes on" : "begins")}: {TuneText.Point(trial.Configuration)}");

    /// <inheritdoc/>
    public override void Ended(Trial trial, TrialResult result)
    {
        base.Ended(trial, result);
        Say(result.State switch
        {
            TrialState.Complete => $"trial {trial.Number} complete: {objectives.Say(result.Objectives)}",
            TrialState.Pruned => $"trial {trial.Number} pruned{(trial.LastDecision.Reason is { } reason ? $": {reason}" : "")}",
            _ => $"trial {trial.Number} failed: {result.Reason}",
        });
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
