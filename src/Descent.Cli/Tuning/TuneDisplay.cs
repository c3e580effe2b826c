using System.Collections.Concurrent;
using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>Shows how the trials of a study stand.</summary>
internal abstract class TuneDisplay : IAsyncDisposable
{
    /// <summary>The step that each running trial of this process stands at.</summary>
    protected ConcurrentDictionary<int, (long Step, long? Total)> Steps { get; } = new();

    /// <summary>A trial of this process begins, or goes on.</summary>
    public virtual void Started(Trial trial)
    {
    }

    /// <summary>A trial of this process stands at a step.</summary>
    public virtual void Progress(int trial, long step, long? total) => Steps[trial] = (step, total);

    /// <summary>A trial of this process ended.</summary>
    public virtual void Ended(Trial trial, TrialResult result) => Steps.TryRemove(trial.Number, out _);

    /// <summary>Says something else in one line.</summary>
    public abstract void Say(string message);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
