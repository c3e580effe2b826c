namespace Descent.Optimizers;

/// <summary>Runs every item on the calling thread, in order.</summary>
public sealed class SingleThread : IParallelRunner
{
    private SingleThread()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static SingleThread Instance { get; } = new();

    /// <inheritdoc/>
    public void Run(int items, IParallelBody body, bool backwards = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        for (int item = 0; item < items; item++)
        {
            body.Execute(backwards ? items - 1 - item : item);
        }
    }
}
