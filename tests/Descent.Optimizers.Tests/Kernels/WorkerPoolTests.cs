namespace Descent.Optimizers.Tests.Kernels;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 1000)]
    [InlineData(8, 5)]
    public void Run_DoesEveryItemOnce(int threads, int items)
    {
        using WorkerPool pool = new(threads);
        for (int round = 0; round < 200; round++)
        {
            Counter counter = new(items);
            pool.Run(items, counter, backwards: round % 2 == 1);
            Assert.All(counter.Counts, static count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Run_Backwards_OnOneThread_BeginsWithTheLast()
    {
        using WorkerPool pool = new(1);
        List<int> order = [];
        pool.Run(4, new Delegating(order.Add), backwards: true);
        Assert.Equal([3, 2, 1, 0], order);
    }

    [Theory]
    [InlineData(false, 0, 50)]
    [InlineData(true, 49, 99)]
    public void Run_OfBothDirections_GivesThreadsTheSameShares(bool backwards, int first, int second)
    {
        using WorkerPool pool = new(2);
        using var both = new Barrier(2);
        var begun = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        pool.Run(100, new Delegating(item =>
        {
            if (begun.TryAdd(Environment.CurrentManagedThreadId, item))
            {
                both.SignalAndWait();
            }
        }), backwards);
        Assert.Equal([first, second], begun.Values.Order());
    }

    [Fact]
    public void Run_OfNothing_ReturnsAtOnce()
    {
        using WorkerPool pool = new(2);
        pool.Run(0, new Failing(-1));
    }

    [Fact]
    public void Run_FromInsideABody_RunsOnTheSameThread()
    {
        using WorkerPool pool = new(3);
        Counter inner = new(8 * 20);
        pool.Run(8, new Delegating(item => pool.Run(20, new Delegating(nested => inner.Execute((item * 20) + nested)))));
        Assert.All(inner.Counts, static count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Run_FromSeveralThreads_KeepsThemApart()
    {
        using WorkerPool pool = new(3);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int round = 0; round < 100; round++)
            {
                Counter counter = new(50);
                pool.Run(50, counter);
                Assert.All(counter.Counts, static count => Assert.Equal(1, count));
            }
        })));
    }

    [Fact]
    public void Run_OfABodyThatThrows_ThrowsTheSameAndGoesOnWorking()
    {
        using WorkerPool pool = new(3);
        for (int round = 0; round < 50; round++)
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => pool.Run(100, new Failing(round)));
            Assert.Equal($"item {round}", error.Message);
        }

        Counter counter = new(100);
        pool.Run(100, counter);
        Assert.All(counter.Counts, static count => Assert.Equal(1, count));
    }

    [Fact]
    public void Run_UsesSeveralThreads()
    {
        using WorkerPool pool = new(2);
        using Barrier together = new(2);

        // Each item waits for the other: only two threads can end this.
        pool.Run(2, new Delegating(_ => Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(30)))));
    }

    [Fact]
    public void Run_AfterDispose_IsRefused()
    {
        WorkerPool pool = new(2);
        pool.Run(10, new Counter(10));
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(1, new Counter(1)));
    }

    [Fact]
    public void Threads_BelowOne_AreRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(0));

    private sealed class Counter(int items) : IParallelBody
    {
        public int[] Counts { get; } = new int[items];

        public void Execute(int item) => Interlocked.Increment(ref Counts[item]);
    }

    private sealed class Failing(int bad) : IParallelBody
    {
        public void Execute(int item)
        {
            if (item == bad)
            {
                throw new InvalidOperationException($"item {item}");
            }
        }
    }

    private sealed class Delegating(Action<int> action) : IParallelBody
    {
        public void Execute(int item) => action(item);
    }
}
