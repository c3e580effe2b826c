namespace Descent.Optimizers;

/// <summary>Threads to run items on. Kernels give the same bits on any implementation, whatever the order of items.</summary>
public interface IParallelRunner
{
    /// <summary>Runs items 0 … <paramref name="items"/> − 1 and returns when all are done.</summary>
    /// <param name="items">How many; nothing happens at 0.</param>
    /// <param name="body">What to do with each.</param>
    void Run(int items, IParallelBody body);
}
