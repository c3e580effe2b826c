using System.Collections.Concurrent;

namespace Descent.Torch;

/// <summary>A thread that moves pages while others compute.</summary>
internal sealed class MappedWorker : IDisposable
{
    // Advice: what doesn't fit in is left to the kernel, and nobody waits.
    private const int Pending = 1024;

    private readonly BlockingCollection<Action> _work = new(Pending);

    public MappedWorker(string name)
    {
        var thread = new Thread(Run) { IsBackground = true, Name = name };
        thread.Start();
    }

    public void Post(Action work)
    {
        try
        {
            _work.TryAdd(work);
        }
        catch (InvalidOperationException)
        {
            // The arena is closed; its tensors live on without advice.
        }
    }

    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
        }

        _work.Dispose();
    }
}
