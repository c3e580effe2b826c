namespace Descent.Tuning;

/// <summary>A trial in the hands of the worker that runs it.</summary>
/// <remarks>Members may be called by several threads at once.</remarks>
public sealed class Trial
{
    private readonly Study _study;
    private readonly TrialRecord _record;
    private readonly CancellationTokenSource _lease;
    private readonly string? _root;

    internal Trial(Study study, TrialRecord record, long token, string? root, CancellationTokenSource lease)
    {
        (_study, _record, Token, _root, _lease) = (study, record, token, root, lease);
        Attempt = record.Attempts;
        SpentBefore = record.Duration;
        LastReport = record.Reported.Count > 0 ? record.Reported[^1] : null;
        // Kept: the source may be disposed of when the trial has ended.
        Cancellation = lease.Token;
        Folder = root is null ? null : TrialFolder.Take(root, record.Number, token);
    }

    /// <summary>Its number.</summary>
    public int Number => _record.Number;

    /// <summary>What to try.</summary>
    public Configuration Configuration => _record.Configuration;

    /// <summary>The trial whose checkpoint this one begins with; none: it begins anew.</summary>
    public int? Parent => _record.Parent;

    /// <summary>1 when it runs for the first time; more when it is taken up again, from what is in its folder.</summary>
    public int Attempt { get; }

    /// <summary>The last value that was reported before this attempt; none: there was none.</summary>
    public ReportedValue? LastReport { get; }

    /// <summary>Is cancelled when this worker may no longer run the trial: its lease is lost, or about to run out while the journal can't be reached.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>
    /// The trial's folder, for its checkpoints. What an earlier attempt left is in it. Write files under a temporary name and rename them. None: the study
    /// has no folder.
    /// </summary>
    public string? Folder { get; }

    /// <summary>The folder of the parent, to read its checkpoint; none: there is no parent, or its folder isn't on this machine.</summary>
    public string? ParentFolder => _root is not null && Parent is { } parent ? TrialFolder.Newest(_root, parent) : null;

    /// <summary>The number of the lease: larger than that of every earlier holder.</summary>
    internal long Token { get; }

    internal SearchSpace Space => _study.Space;

    internal TimeSpan SpentBefore { get; }

    /// <summary>What the pruner said last.</summary>
    public PruningDecision LastDecision { get; private set; }

    internal TrialRecord Record => _record;

    /// <summary>Reports how the first objective stands, and asks the pruner.</summary>
    /// <param name="step">How far the trial is; at least 0. A step that was reported before is reported anew.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Whether to go on. When told to stop, return <see cref="TrialResult.Pruned"/>.</returns>
    /// <exception cref="LeaseLostException">The trial is no longer this worker's.</exception>
    /// <exception cref="OperationCanceledException">It was given up, or <see cref="Cancellation"/> came.</exception>
    public async ValueTask<PruningDecision> ReportAsync(long step, double value, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return LastDecision = await WhileHeldAsync(token => _study.ReportAsync(this, step, value, token), cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes something down about the trial, such as its run's folder. A later note of the same key takes the place of an earlier one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LeaseLostException">The trial is no longer this worker's.</exception>
    /// <exception cref="OperationCanceledException">It was given up, or <see cref="Cancellation"/> came.</exception>
    public ValueTask NoteAsync(string key, string text, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(text);
        return new(WhileHeldAsync(token => _study.NoteAsync(this, key, text, token), cancellation).AsTask());
    }

    /// <summary>Doesn't wait for a journal that is away when the trial has to stop.</summary>
    private async ValueTask<T> WhileHeldAsync<T>(Func<CancellationToken, ValueTask<T>> say, CancellationToken cancellation)
    {
        // When it has to stop already, it is said all the same: the answer is whose the trial is.
        using CancellationTokenSource both = Cancellation.IsCancellationRequested
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellation)
            : CancellationTokenSource.CreateLinkedTokenSource(cancellation, Cancellation);
        T answer = await say(both.Token).ConfigureAwait(false);
        Cancellation.ThrowIfCancellationRequested();
        return answer;
    }

    /// <summary>The lease holds for so long from now on.</summary>
    internal void Extend(TimeSpan time)
    {
        try
        {
            if (time > TimeSpan.Zero)
            {
                _lease.CancelAfter(time);
            }
            else
            {
                _lease.Cancel();
            }
        }
        catch (ObjectDisposedException)
        {
            // It ended in the meantime.
        }
    }

    internal void End() => _lease.Dispose();
}
