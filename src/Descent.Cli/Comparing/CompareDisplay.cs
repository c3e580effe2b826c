using System.Collections.Concurrent;
using Descent.Tuning.Races;

namespace Descent.Cli.Comparing;

/// <summary>Shows how a comparison stands.</summary>
internal abstract class CompareDisplay : IAsyncDisposable
{
    /// <summary>What each contender's runs of this process are at: <c>seed 3: 120/300</c>.</summary>
    public ConcurrentDictionary<(string Contender, string Run), string> UnderWay { get; } = new();

    /// <summary>What is shown of one contender's runs.</summary>
    /// <param name="contender">Its name.</param>
    public ContenderDisplay Of(string contender) => new(this, contender);

    /// <summary>A run began.</summary>
    public virtual void Started(RaceRun run, string name)
    {
    }

    /// <summary>A run ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="how">How it ended.</param>
    public virtual void Ended(RaceRun run, string name, string how)
    {
    }

    /// <summary>Says something else in one line.</summary>
    public abstract void Say(string message);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
