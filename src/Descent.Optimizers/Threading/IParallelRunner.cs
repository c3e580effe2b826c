namespace Descent.Optimizers;

/// <summary>Threads to run items on. Kernels give the same bits on any implementation, whatever the order of items.</summary>
public interface IParallelRunner
{
    /// <summary>Runs items 0 … <paramref name="items"/> − 1 and returns when all are done.</summary>
    /// <param name="items">How many; nothing happens at 0.</param>
    /// <param name="body">What to do with each.</param>
    /// <param name="backwards">
    /// Begin with the last: a second pass over the same items then begins with what the first one read last, which is still in a cache. Threads keep to the items that a forward run gives them, for
    /// what one core has read is far from another.
    /// </param>
    void Run(int items, IParallelBody body, bool backwards = false);
}
