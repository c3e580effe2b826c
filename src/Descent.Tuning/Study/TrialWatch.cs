using System.Globalization;

namespace Descent.Tuning;

/// <summary>Looks every second at what a trial takes, and cancels it where that is too much.</summary>
internal sealed class TrialWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly Trial _trial;
    private readonly TrialLimits _limits;
    private readonly Func<Trial, long> _memory;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _exceeded = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly long _start;
    private readonly Task _watching;

    public TrialWatch(Trial trial, TrialLimits limits, Func<Trial, long> memory, TimeProvider clock)
    {
        (_trial, _limits, _memory, _clock, _start) = (trial, limits, memory, clock, clock.GetTimestamp());
        Exceeded = _exceeded.Token;
        _watching = limits.Any ? Task.Run(WatchAsync) : Task.CompletedTask;
    }

    /// <summary>Is cancelled when a limit is exceeded.</summary>
    public CancellationToken Exceeded { get; }

    /// <summary>Which limit, and by what.</summary>
    public string? Reason { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _stop.Dispose();
        _exceeded.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while ((Reason = Fault()) is null)
            {
                TimeSpan left = _limits.Time is { } time ? time - Spent() : Period;
                await Task.Delay(left < Period ? left : Period, _clock, _stop.Token).ConfigureAwait(false);
            }

            await _exceeded.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The trial ended.
        }
    }

    private string? Fault() =>
        _limits.Time is { } time && Spent() is var spent && spent >= time ? $"it took {Seconds(spent)} of {Seconds(time)}; give it more time, or less to do"
        : _limits.Memory is { } memory && _memory(_trial) is var used && used > memory ? $"it took {Size(used)} of memory, of {Size(memory)}; give it more, or make it smaller"
        : _limits.Disk is { } disk && _trial.Folder is { } folder && SizeOf(folder) is var size && size > disk ? $"its folder holds {Size(size)}, of {Size(disk)}; give it more, or keep fewer checkpoints"
        : null;

    private TimeSpan Spent() => _trial.SpentBefore + _clock.GetElapsedTime(_start);

    private static long SizeOf(string folder)
    {
        long size = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                size += file.Exists ? file.Length : 0;
            }
        }
        catch (IOException)
        {
            // A checkpoint was renamed while we looked; the next look is in a second.
        }

        return size;
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");

    private static string Size(long bytes) => bytes < 1 << 10
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
        : bytes < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MiB");
}
