using System.Collections.Concurrent;
using Descent.Cli.Tuning;
using Descent.Tuning;
using Descent.Tuning.Races;

namespace Descent.Cli.Comparing;

/// <summary>Hands what happens to one contender's runs on to the display of all.</summary>
internal sealed class ContenderDisplay(CompareDisplay all, string contender) : TuneDisplay
{
    private readonly ConcurrentDictionary<int, RaceRun> _runs = [];

    /// <summary>What comes of this trial next is of this run.</summary>
    public void Expect(RaceRun run) => _runs[run.Trial.Number] = run;

    /// <inheritdoc/>
    public override void Started(Trial trial)
    {
        if (_runs.TryGetValue(trial.Number, out RaceRun? run))
        {
            all.UnderWay[(contender, NameOf(run))] = NameOf(run);
            all.Started(run, NameOf(run));
        }
    }

    /// <inheritdoc/>
    public override void Progress(int trial, long step, long? total)
    {
        if (_runs.TryGetValue(trial, out RaceRun? run))
        {
            all.UnderWay[(contender, NameOf(run))] = $"{NameOf(run)}: {Figures.Whole(step)}{(total is { } of ? "/" + Figures.Whole(of) : "")}";
        }
    }

    /// <inheritdoc/>
    public override void Ended(Trial trial, TrialResult result)
    {
        if (_runs.TryRemove(trial.Number, out RaceRun? run))
        {
            all.UnderWay.TryRemove((contender, NameOf(run)), out _);
            all.Ended(run, NameOf(run), result.State switch
            {
                TrialState.Complete => Figures.Number(result.Objectives[0]),
                TrialState.Pruned => $"pruned{(trial.LastDecision.Reason is { } reason ? $": {reason}" : "")}",
                _ => $"failed: {result.Reason}",
            });
        }
    }

    /// <inheritdoc/>
    public override void Say(string message) => all.Say($"{contender}: {message}");

    private static string NameOf(RaceRun run) => run.IsSearch ? $"trial {run.Trial.Number}" : $"seed {run.Seed}";
}
