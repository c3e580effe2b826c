using System.Numerics;
using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>How a rule is run: threads, lists, interruptions, allocations.</summary>
internal static class RunChecks
{
    /// <summary>Enough for several pieces of work, with tiny and empty tensors in between.</summary>
    private static readonly int[] Mixed = [50_001, 0, 3, 17, 70_000, 1, 0, 12_345, 100, 100, 100];

    public static void SameBitsOnAnyThreads(OptimizerOptions options)
    {
        using Tensors<float> reference = new(options, Mixed);
        reference.Run(options.CreateKernel(), options.Scalars, 1, 2);
        foreach (int threads in (int[])[1, 2, 5])
        {
            using WorkerPool pool = new(threads);
            using Tensors<float> parallel = new(options, Mixed);
            parallel.Run(options.CreateKernel(), options.Scalars, 1, 2, pool);
            parallel.RequireSameBits(reference, $"{threads} threads against one");
            parallel.RequireGuards($"{threads} threads");
        }
    }

    public static void EmptyListsAndTensorsAreFine(OptimizerOptions options)
    {
        UpdateKernel kernel = options.CreateKernel();
        double[] shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
        kernel.Update([], ElementType.Float32, options.Scalars(1) with { Shared = shared }, WorkerPool.Shared);
        kernel.Update([default, default], ElementType.Float32, options.Scalars(1) with { Shared = shared }, WorkerPool.Shared);

        // The same kernel afterwards: nothing of the empty lists may linger.
        int[] lengths = [0, 5, 0];
        using Tensors<float> after = new(options, lengths);
        using Tensors<float> fresh = new(options, lengths);
        after.Run(kernel, options.Scalars, 1, 1);
        fresh.Run(options.CreateKernel(), options.Scalars, 1, 1);
        after.RequireSameBits(fresh, "after empty lists");
        after.RequireGuards("after empty lists");
    }

    public static void ResumeEqualsUninterrupted(OptimizerOptions options)
    {
        Resume<float>(options);
        Resume<double>(options);
    }

    public static void AllocatesNothingAfterWarmUp(OptimizerOptions options)
    {
        using WorkerPool pool = new(2);
        CountingRunner runner = new(pool);
        using Tensors<float> tensors = new(options, Mixed);
        UpdateKernel kernel = options.CreateKernel();
        Steps(kernel, tensors, options, runner, 1, 3);
        long inBodies = runner.Allocated;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Steps(kernel, tensors, options, runner, 4, 10);
        long onCaller = GC.GetAllocatedBytesForCurrentThread() - before;
        inBodies = runner.Allocated - inBodies;
        if (onCaller != 0 || inBodies != 0)
        {
            throw new ContractException(
                $"Seven steps after warm-up allocated {onCaller} bytes on the calling thread and {inBodies} bytes in the pieces of work; none are allowed.");
        }
    }

    private static void Steps(UpdateKernel kernel, Tensors<float> tensors, OptimizerOptions options, IParallelRunner runner, long from, long to)
    {
        for (long step = from; step <= to; step++)
        {
            tensors.Update(kernel, options.Scalars(step), runner);
        }
    }

    private static void Resume<T>(OptimizerOptions options) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] lengths = [100, 7];
        using Tensors<T> whole = new(options, lengths);
        whole.Run(options.CreateKernel(), options.Scalars, 1, 7);
        using Tensors<T> first = new(options, lengths);
        first.Run(options.CreateKernel(), options.Scalars, 1, 4);
        using Tensors<T> second = new(options, lengths);
        second.CopyFrom(first);
        second.Run(options.CreateKernel(), options.Scalars, 5, 7);
        second.RequireSameBits(whole, "steps 1–4, saved, loaded, 5–7, against 1–7");
    }

    /// <summary>Counts what the pieces of work allocate, on whatever thread they run.</summary>
    private sealed class CountingRunner(IParallelRunner inner) : IParallelRunner, IParallelBody
    {
        private IParallelBody? _body;
        private long _allocated;

        public long Allocated => Interlocked.Read(ref _allocated);

        public void Run(int items, IParallelBody body, bool backwards = false)
        {
            _body = body;
            inner.Run(items, this, backwards);
        }

        public void Execute(int item)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            _body!.Execute(item);
            Interlocked.Add(ref _allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}
