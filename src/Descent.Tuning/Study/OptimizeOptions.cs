namespace Descent.Tuning;

/// <summary>How many trials this worker helps to run, and how.</summary>
public sealed record OptimizeOptions
{
    /// <summary>How many trials there are to be in the study, those of earlier runs and of other workers among them. Default: as many as the sampler finds, or the time allows.</summary>
    public int? Trials { get; init => field = value is null or >= 0 ? value : throw Refused(nameof(Trials), value, "at least 0"); }

    /// <summary>After this time no more trials are begun. Default: no limit.</summary>
    public TimeSpan? Time { get; init => field = value is null || value >= TimeSpan.Zero ? value : throw Refused(nameof(Time), value, "a time of at least 0"); }

    /// <summary>How many trials run at once in this process. Default 1.</summary>
    public int Workers { get; init => field = value >= 1 ? value : throw Refused(nameof(Workers), value, "at least 1"); } = 1;

    /// <summary>What a trial may take. Default: all it wants.</summary>
    public TrialLimits Limits { get; init; } = new();

    /// <summary>The bytes that <see cref="TrialLimits.Memory"/> limits. Default: the resident memory of this process. Trials that are processes: <see cref="ProcessObjective.MemoryOf"/>.</summary>
    public Func<Trial, long>? MemoryOf { get; init; }

    /// <summary>How often a trial that throws is tried again, from its folder, before it has failed. Default 0.</summary>
    public int Retries { get; init => field = value >= 0 ? value : throw Refused(nameof(Retries), value, "at least 0"); }

    /// <summary>
    /// How long a cancelled objective may take to return. An objective that doesn't can't be stopped from within its process, and holds what it takes: then
    /// <see cref="Study.OptimizeAsync(Func{Trial, CancellationToken, Task{TrialResult}}, OptimizeOptions, CancellationToken)"/> fails, so that the process can be ended. Default 30 s.
    /// </summary>
    public TimeSpan Grace { get; init => field = value > TimeSpan.Zero ? value : throw Refused(nameof(Grace), value, "a time above 0"); } = TimeSpan.FromSeconds(30);

    internal void Check()
    {
        if (Limits.Memory is not null && MemoryOf is null && Workers > 1)
        {
            throw new StudyException(
                $"A limit of memory can't be kept for each of {Workers} trials in one process. Run {Workers} processes with one worker each, or let trials be processes (ProcessObjective).");
        }
    }

    private static ArgumentOutOfRangeException Refused(string name, object? value, string allowed) => new(name, value, $"{name} is {value}; allowed: {allowed}.");
}
