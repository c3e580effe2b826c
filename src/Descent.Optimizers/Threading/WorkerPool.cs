using System.Runtime.ExceptionServices;

namespace Descent.Optimizers;

/// <summary>
/// A few threads that sleep between steps. Every one begins on a contiguous share of the items, so that it streams through
/// neighbouring memory, and takes from the far end of another's share when its own is done.
/// </summary>
/// <remarks>
/// The calling thread works too. A call that comes while the pool is busy, from another thread or from inside a body, runs on its
/// own thread instead of waiting. Runs allocate nothing after the first.
/// </remarks>
public sealed class WorkerPool : IParallelRunner, IDisposable
{
    private readonly Worker[] _workers;
    private readonly WorkShare[] _shares;
    private readonly SemaphoreSlim _done = new(0);
    private IParallelBody? _body;
    private bool _backwards;
    private ExceptionDispatchInfo? _failure;
    private int _running;
    private int _busy;
    private bool _disposed;

    /// <summary>Makes a pool; its threads start with the first run that needs them.</summary>
    /// <param name="threads">Threads in all, the caller's included, at least 1. Default: one a processor.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1.</exception>
    public WorkerPool(int? threads = null)
    {
        int count = threads ?? Environment.ProcessorCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(threads));
        _shares = new WorkShare[count];
        for (int index = 0; index < count; index++)
        {
            _shares[index] = new WorkShare();
        }

        _workers = new Worker[count - 1];
        for (int index = 0; index < _workers.Length; index++)
        {
            _workers[index] = new Worker(this, index + 1);
        }
    }

    /// <summary>The pool that everything uses unless told otherwise: one thread a processor.</summary>
    public static WorkerPool Shared { get; } = new();

    /// <summary>Threads in all, the caller's included.</summary>
    public int Threads => _shares.Length;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public void Run(int items, IParallelBody body, bool backwards = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        ObjectDisposedException.ThrowIf(_disposed, this);
        int participants = Math.Min(items, _shares.Length);
        if (participants <= 1 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            SingleThread.Instance.Run(items, body, backwards);
            return;
        }

        try
        {
            _backwards = backwards;
            RunShared(items, participants, body);
        }
        finally
        {
            _body = null;
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Ends the threads. Never dispose <see cref="Shared"/>.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (Worker worker in _workers)
        {
            worker.Stop();
        }

        _done.Dispose();
    }

    private void RunShared(int items, int participants, IParallelBody body)
    {
        for (int index = 0; index < _shares.Length; index++)
        {
            bool takesPart = index < participants;
            int begin = takesPart ? (int)((long)items * index / participants) : 0;
            int end = takesPart ? (int)((long)items * (index + 1) / participants) : 0;
            _shares[index].Reset(begin, end);
        }

        _failure = null;
        _body = body;
        Volatile.Write(ref _running, participants - 1);
        for (int index = 0; index < participants - 1; index++)
        {
            _workers[index].Invite();
        }

        Drain(0);
        for (int index = 0; index < participants - 1; index++)
        {
            if (_workers[index].TryCancel())
            {
                Leave();
            }
        }

        _done.Wait();
        _failure?.Throw();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _done.Release();
        }
    }

    /// <summary>A thread's part of a run: its own share, then what is left of the others'.</summary>
    private void Drain(int index)
    {
        IParallelBody body = _body!;
        try
        {
            while (_shares[index].TryTake(_backwards, out int item))
            {
                body.Execute(item);
            }

            for (int other = 1; other < _shares.Length; other++)
            {
                WorkShare share = _shares[(index + other) % _shares.Length];
                while (share.TryTake(!_backwards, out int item))
                {
                    body.Execute(item);
                }
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            foreach (WorkShare share in _shares)
            {
                share.Reset(0, 0);
            }
        }
    }

    /// <summary>
    /// A thread that waits for runs. A run that ends before the thread has woken takes its invitation back, so a small step doesn't
    /// wait for the scheduler.
    /// </summary>
    private sealed class Worker(WorkerPool pool, int index)
    {
        private const int Idle = 0;
        private const int Invited = 1;
        private const int Working = 2;

        private readonly SemaphoreSlim _wake = new(0);
        private Thread? _thread;
        private int _state;
        private volatile bool _stopping;

        public void Invite()
        {
            if (_thread is null)
            {
                _thread = new Thread(Loop) { IsBackground = true, Name = $"Descent worker {index}" };
                _thread.Start();
            }

            Volatile.Write(ref _state, Invited);
            _wake.Release();
        }

        public bool TryCancel() => Interlocked.CompareExchange(ref _state, Idle, Invited) == Invited;

        public void Stop()
        {
            _stopping = true;
            _wake.Release();
            _thread?.Join();
            _wake.Dispose();
        }

        private void Loop()
        {
            while (true)
            {
                _wake.Wait();
                if (_stopping)
                {
                    return;
                }

                // A cancelled invitation leaves its wake-up behind: nothing to do then.
                if (Interlocked.CompareExchange(ref _state, Working, Invited) == Invited)
                {
                    pool.Drain(index);
                    Volatile.Write(ref _state, Idle);
                    pool.Leave();
                }
            }
        }
    }
}
