using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Descent.Tuning.Tests.Studies;

/// <summary>A clock that moves on only once somebody has begun to wait for it, so that a test depends on no thread's speed.</summary>
internal sealed class SteppedTime : FakeTimeProvider
{
    private readonly ConcurrentDictionary<TimeSpan, SemaphoreSlim> _waiting = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        Waiting(dueTime).Release();
        return timer;
    }

    /// <summary>Waits until somebody waits for just this long, and lets it pass.</summary>
    public async Task PassAsync(TimeSpan time, CancellationToken cancellation)
    {
        await Waiting(time).WaitAsync(cancellation);
        Advance(time);
    }

    private SemaphoreSlim Waiting(TimeSpan time) => _waiting.GetOrAdd(time, static _ => new SemaphoreSlim(0));
}
