using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using TorchSharp;

namespace Descent.Training.Data;

/// <summary>
/// Hands out batches for ever, pass after pass, and prepares the next ones on a background thread. The stream is a pure function of data set,
/// batch size, seed and start, whatever the prefetch: a loader started at another's <see cref="Cursor"/> goes on with the same bits.
/// </summary>
/// <remarks>
/// Every pass visits every sample once, in an order of its own (<see cref="Permutation"/> of seed and epoch). No batch reaches over the end of
/// a pass. The background thread fills managed arrays only; tensors are made by <see cref="Next"/> on the caller's thread and so belong to
/// the caller's dispose scope.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    private readonly IDataset _dataset;
    private readonly int _batchSize;
    private readonly long _seed;
    private readonly bool _shuffle;
    private readonly bool _dropLast;
    private readonly torch.Device? _device;
    private readonly long[] _samples;

    private readonly ConcurrentBag<HostBatch> _free;
    private readonly BlockingCollection<HostBatch>? _ready;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread? _thread;
    private ExceptionDispatchInfo? _failure;

    private DataCursor _ahead;
    private Permutation? _order;
    private bool _disposed;

    /// <summary>Starts a stream of batches.</summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="batchSize">Samples a batch, at least 1.</param>
    /// <param name="seed">Decides the order of every pass.</param>
    /// <param name="shuffle">False hands out the samples in their own order.</param>
    /// <param name="start">Where to begin; null is the very beginning.</param>
    /// <param name="dropLast">
    /// Leaves out what remains at the end of a pass where it is less than a batch, so that all batches have the same shape; a data set smaller than a
    /// batch is handed out whole nevertheless.
    /// </param>
    /// <param name="prefetch">Batches prepared ahead by the background thread; 0 fills in <see cref="Next"/> itself.</param>
    /// <param name="device">Where the tensors go; null is the CPU.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or the start lies outside the data set.</exception>
    public BatchLoader(
        IDataset dataset,
        int batchSize,
        long seed,
        bool shuffle = true,
        DataCursor? start = null,
        bool dropLast = true,
        int prefetch = 2,
        torch.Device? device = null)
        : this(dataset, batchSize, seed, shuffle, start, dropLast, prefetch, device, [])
    {
    }

    private BatchLoader(
        IDataset dataset, int batchSize, long seed, bool shuffle, DataCursor? start, bool dropLast, int prefetch, torch.Device? device, ConcurrentBag<HostBatch> free)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(prefetch);
        start ??= new DataCursor(0, 0);
        ArgumentOutOfRangeException.ThrowIfNegative(start.Epoch, nameof(start));
        ArgumentOutOfRangeException.ThrowIfNegative(start.Sample, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(start.Sample, dataset.Count, nameof(start));
        (_dataset, _batchSize, _seed, _shuffle, _device, _free) = (dataset, batchSize, seed, shuffle, device, free);
        _dropLast = dropLast && dataset.Count >= batchSize;
        _samples = new long[(int)Math.Min(batchSize, dataset.Count)];
        Cursor = _ahead = start;
        if (prefetch > 0)
        {
            _ready = new BlockingCollection<HostBatch>(prefetch);
            _thread = new Thread(FillAhead) { IsBackground = true, Name = "Descent batch loader" };
            _thread.Start();
        }
    }

    /// <summary>Samples a batch.</summary>
    public int BatchSize => _batchSize;

    /// <summary>The place after the last batch that was handed out: start another loader here to go on.</summary>
    public DataCursor Cursor { get; private set; }

    /// <summary>
    /// One pass over a data set in its own order, every sample once, the last batch as small as it comes; what validation reads.
    /// </summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="batchSize">Samples a batch, at least 1.</param>
    /// <param name="maximumSamples">
    /// Reads at most so many samples: then a fixed choice, spread over the whole data set and the same in every pass. Null reads all.
    /// </param>
    /// <param name="device">Where the tensors go; null is the CPU.</param>
    /// <returns>The batches; the caller disposes each.</returns>
    public static IEnumerable<Batch> Pass(IDataset dataset, int batchSize, long? maximumSamples = null, torch.Device? device = null) =>
        Pass(dataset, batchSize, maximumSamples, device, []);

    /// <summary>The same over and over: one pass leaves its arrays to the next. They are large objects, which the garbage collector frees late beside a large data set.</summary>
    internal static IEnumerable<Batch> Pass(IDataset dataset, int batchSize, long? maximumSamples, torch.Device? device, ConcurrentBag<HostBatch> free)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        IDataset samples = maximumSamples < dataset.Count ? new SpreadSubset(dataset, maximumSamples.Value) : dataset;
        using var loader = new BatchLoader(samples, batchSize, seed: 0, shuffle: false, start: null, dropLast: false, prefetch: 2, device, free);
        while (loader.Cursor.Epoch == 0)
        {
            yield return loader.Next();
        }
    }

    /// <summary>The next batch. Not safe for several threads at once.</summary>
    /// <returns>Tensors that belong to the caller.</returns>
    /// <exception cref="Exception">Whatever the data set threw while filling, at the batch it threw for.</exception>
    public Batch Next()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        HostBatch host = _ready is null ? FillNext() : TakeReady(_ready);
        Cursor = host.After;
        Batch batch = Batch.From(host, _device);
        _free.Add(host);
        return batch;
    }

    /// <summary>Ends the background thread.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stop.Cancel();
        _thread?.Join();
        while (_ready?.TryTake(out HostBatch? unread) == true)
        {
            _free.Add(unread);
        }

        _ready?.Dispose();
        _stop.Dispose();
    }

    private HostBatch TakeReady(BlockingCollection<HostBatch> ready)
    {
        if (ready.TryTake(out HostBatch? host, Timeout.Infinite))
        {
            return host;
        }

        _failure!.Throw();
        throw _failure.SourceException;
    }

    private void FillAhead()
    {
        HostBatch? filled = null;
        try
        {
            while (true)
            {
                filled = FillNext();
                _ready!.Add(filled, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed before anyone took it.
            _free.Add(filled!);
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            _ready!.CompleteAdding();
        }
    }

    private HostBatch FillNext()
    {
        long count = _dataset.Count;
        int samples = (int)Math.Min(_batchSize, count - _ahead.Sample);
        if (samples < _batchSize && _dropLast)
        {
            _ahead = new DataCursor(_ahead.Epoch + 1, 0);
            _order = null;
            samples = _batchSize;
        }

        var key = new EpochKey(_seed, _ahead.Epoch);
        _order ??= new Permutation(count, key);
        for (int i = 0; i < samples; i++)
        {
            _samples[i] = _shuffle ? _order[_ahead.Sample + i] : _ahead.Sample + i;
        }

        if (!_free.TryTake(out HostBatch? host))
        {
            host = new HostBatch(_dataset.Shape, _samples.Length);
        }

        host.Samples = samples;
        host.TargetBytes = 0;
        _dataset.Fill(_samples.AsSpan(0, samples), host, key);
        if (_ahead.Sample + samples == count)
        {
            _ahead = new DataCursor(_ahead.Epoch + 1, 0);
            _order = null;
        }
        else
        {
            _ahead = _ahead with { Sample = _ahead.Sample + samples };
        }

        host.After = _ahead;
        return host;
    }
}
