using System.Text.Json;
using Descent.Journal;

namespace Descent.Tuning;

/// <summary>What a study's events add up to. All who read the same events get the same state: who won a trial is decided here and nowhere else.</summary>
/// <remarks>
/// <para><b>Creating.</b> <c>trial.created</c> counts if its number is the next one. Of two workers that proposed trial 7 at once, the one whose event stands
/// first has it; the other proposes trial 8, knowing the first one's.</para>
/// <para><b>Claiming.</b> A claim counts if the trial waits, or if its lease had run out by the journal's time of the claim. Its position is the token of
/// the new lease; events that carry another token are void.</para>
/// </remarks>
internal sealed class StudyState
{
    private readonly List<Lease> _leases = [];

    // Few: two workers have to want the same.
    private readonly HashSet<long> _refused = [];

    /// <summary>The trials; none until the study was created.</summary>
    public TrialHistory? History { get; private set; }

    /// <summary>What the objectives are called; empty: whoever made the study gave them no names.</summary>
    public IReadOnlyList<string> Objectives { get; private set; } = [];

    public long Seed { get; private set; }

    /// <summary>The position of the last event that was applied.</summary>
    public long Position { get; private set; }

    /// <summary>The time of the last event: the journal's clock shows at least this.</summary>
    public DateTimeOffset Time { get; private set; } = DateTimeOffset.MinValue;

    public Lease LeaseOf(TrialRecord trial) => _leases[trial.Number];

    public bool Holds(int trial, long token) =>
        History!.Trials[trial].State == TrialState.Running && _leases[trial].Token == token;

    /// <summary>Whether an event that was applied counted.</summary>
    public bool Counted(long position) => !_refused.Contains(position);

    public void Apply(in JournalEvent happened)
    {
        try
        {
            if (happened.Version > StudyEvents.Version)
            {
                throw new NotSupportedException();
            }

            ApplyChecked(happened);
        }
        catch (NotSupportedException)
        {
            throw new StudyException(
                $"{happened.Stream} holds an event '{happened.Kind}' of version {happened.Version} at {happened.Position}, which this version of Descent does not know. Use a newer version.");
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException or SearchSpaceException or OverflowException)
        {
            throw new StudyException($"{happened.Stream}: the event '{happened.Kind}' at {happened.Position} can't be read: {fault.Message}", fault);
        }

        Position = happened.Position;
        Time = happened.Time > Time ? happened.Time : Time;
    }

    private void ApplyChecked(in JournalEvent happened)
    {
        if (happened.Kind == "study.created")
        {
            Create(happened.Data);
            return;
        }

        TrialHistory history = History ?? throw new InvalidOperationException("the study was not created before it");
        StudyEventData data = StudyEventData.Read(happened.Data.Span, history.Space);
        switch (happened.Kind)
        {
            case "worker.joined":
                break;
            case "trial.created":
                CreateTrial(happened, data, history);
                break;
            case "trial.claimed":
                Claim(happened, data, history.Trials[data.Trial]);
                break;
            case "trial.renewed" or "trial.reported" or "trial.noted" or "trial.released" or "trial.finished":
                if (Holds(data.Trial, data.Token))
                {
                    Continue(happened, data, history.Trials[data.Trial], history);
                }
                else
                {
                    _refused.Add(happened.Position);
                }

                break;
            default:
                throw new NotSupportedException();
        }
    }

    private void Create(ReadOnlyMemory<byte> data)
    {
        // Of two that created it at once, the first did.
        if (History is not null)
        {
            return;
        }

        using JsonDocument document = JsonDocument.Parse(data);
        JsonElement root = document.RootElement;
        Seed = root.GetProperty("seed"u8).GetInt64();
        Direction[] directions = [.. root.GetProperty("directions"u8).EnumerateArray().Select(static one => one.GetString() switch
        {
            "minimize" => Direction.Minimize,
            "maximize" => Direction.Maximize,
            { } other => throw new JsonException($"a direction is '{other}'"),
            null => throw new JsonException("a direction is null"),
        })];
        if (root.TryGetProperty("objectives"u8, out JsonElement names))
        {
            Objectives = [.. names.EnumerateArray().Select(static name => name.GetString() ?? throw new JsonException("the name of an objective is null"))];
            if (Objectives.Count != directions.Length)
            {
                throw new JsonException($"{directions.Length} directions have {Objectives.Count} names");
            }
        }

        History = new TrialHistory(SearchSpaceJson.Read(root.GetProperty("space"u8)), directions);
    }

    private void CreateTrial(in JournalEvent happened, in StudyEventData data, TrialHistory history)
    {
        if (data.Trial != history.Trials.Count)
        {
            _refused.Add(happened.Position);
            return;
        }

        TrialRecord trial = history.Add(data.Configuration ?? throw new JsonException("there is no configuration"));
        (trial.Parent, trial.Tag) = (data.Parent, data.Tag);
        _leases.Add(new Lease());
        if (data.Worker is not null)
        {
            Take(happened, data, trial);
        }
    }

    private void Claim(in JournalEvent happened, in StudyEventData data, TrialRecord trial)
    {
        Lease lease = _leases[trial.Number];
        if (trial.State == TrialState.Running && happened.Time >= lease.Expiry)
        {
            lease.Losses++;
            // Nobody knows when the worker died; it was heard of last when it got this lease.
            trial.End(lease.Expiry - lease.Duration);
        }
        else if (trial.State != TrialState.Waiting)
        {
            _refused.Add(happened.Position);
            return;
        }

        Take(happened, data, trial);
    }

    private void Take(in JournalEvent happened, in StudyEventData data, TrialRecord trial)
    {
        Lease lease = _leases[trial.Number];
        lease.Token = happened.Position;
        lease.Duration = TimeSpan.FromSeconds(data.Lease);
        lease.Expiry = happened.Time + lease.Duration;
        trial.State = TrialState.Running;
        trial.Worker = data.Worker;
        trial.Begin(happened.Time);
        trial.Attempts++;
    }

    private void Continue(in JournalEvent happened, in StudyEventData data, TrialRecord trial, TrialHistory history)
    {
        Lease lease = _leases[trial.Number];
        lease.Expiry = happened.Time + lease.Duration;
        switch (happened.Kind)
        {
            case "trial.reported":
                trial.Report(data.Step, data.Value);
                break;
            case "trial.noted":
                trial.Note(data.Key ?? throw new JsonException("there is no key"), data.Text ?? "");
                break;
            case "trial.released":
                trial.End(happened.Time);
                (trial.State, trial.Reason) = (TrialState.Waiting, data.Reason);
                lease.Failures += data.Failure ? 1 : 0;
                break;
            case "trial.finished":
                trial.End(happened.Time);
                history.Finish(trial, data.State, data.Objectives ?? [], data.Violation, data.Reason);
                break;
            default:
                break;
        }
    }
}
