using System.Collections.Concurrent;
using Descent.Training.Folds;

namespace Descent.Cli.Validation;

/// <summary>Shows how the folds of a cross validation stand.</summary>
internal abstract class FoldsDisplay : IAsyncDisposable
{
    /// <summary>The step that each running fold stands at.</summary>
    protected ConcurrentDictionary<int, (long Step, long? Total)> Steps { get; } = new();

    /// <summary>What came of the folds that are done.</summary>
    protected ConcurrentDictionary<int, FoldResult> Results { get; } = new();

    /// <summary>A fold begins, or goes on.</summary>
    public virtual void Started(int fold) => Steps[fold] = (0, null);

    /// <summary>A fold stands at a step.</summary>
    public void Progress(int fold, long step, long? total) => Steps[fold] = (step, total);

    /// <summary>A fold is done.</summary>
    /// <param name="result">What came of it.</param>
    /// <param name="before">Whether it was done before this command began.</param>
    public virtual void Ended(FoldResult result, bool before)
    {
        Results[result.Fold] = result;
        Steps.TryRemove(result.Fold, out _);
    }

    /// <summary>Says something else in one line.</summary>
    public abstract void Say(string message);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
