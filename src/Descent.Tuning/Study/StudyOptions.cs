using Descent.Tuning.Samplers;

namespace Descent.Tuning;

/// <summary>How a study is made or opened. What is searched is fixed when it is made; the rest is each worker's own.</summary>
public sealed record StudyOptions
{
    /// <summary>What is searched. Needed to make a study; where the study is there already, none, or the same.</summary>
    public SearchSpace? Space { get; init; }

    /// <summary>Which way each objective gets better. Default: one that is minimized; where the study is there already, none, or the same.</summary>
    public IReadOnlyList<Direction>? Directions
    {
        get;
        init => field = value is null or { Count: > 0 } ? value : throw new ArgumentException("Directions are empty; allowed: at least one.", nameof(Directions));
    }

    /// <summary>
    /// What each objective is called, in the order of the directions, for people: tables, pages, messages. Default: none has a name; where the study is there already, none, or the same. A study that was
    /// made without names takes any.
    /// </summary>
    /// <exception cref="ArgumentException">There is none, or one is empty or given twice.</exception>
    public IReadOnlyList<string>? Objectives
    {
        get;
        init => field = value is null || (value.Count > 0 && value.All(static name => !string.IsNullOrWhiteSpace(name)) && value.Distinct().Count() == value.Count)
            ? value
            : throw new ArgumentException($"Objectives are '{string.Join("', '", value)}'; allowed: a name for each, all different.", nameof(Objectives));
    }

    /// <summary>The seed of all random choices. Default: 0 when the study is made; where it is there already, none, or the same.</summary>
    public long? Seed { get; init; }

    /// <summary>Chooses what to try. Default: <see cref="PortfolioSampler"/>.</summary>
    public ISampler Sampler { get; init; } = new PortfolioSampler();

    /// <summary>Decides which trials to stop early. Default: none is.</summary>
    public IPruner? Pruner { get; init; }

    /// <summary>
    /// How long after its last sign of life a trial counts as orphaned, and another worker may take it up. Signs are written every quarter of it. An objective
    /// whose worker can't reach the journal is cancelled after two thirds of it, and must have stopped before the rest is over. At least 1 s; default 60 s.
    /// </summary>
    public TimeSpan Lease
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Lease), value, $"Lease is {value}; allowed: from a second to a day.");
    } = TimeSpan.FromSeconds(60);

    /// <summary>After how many workers have died, or fallen silent, over a trial it has failed: it may be what kills them. Default 5.</summary>
    public int MaximumLosses
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaximumLosses), value, $"MaximumLosses is {value}; allowed: at least 1.");
    } = 5;

    /// <summary>The folder in which each trial has one of its own (<see cref="Trial.Folder"/>), shared by all machines that work at the study. Default: none.</summary>
    public string? Folder { get; init; }

    /// <summary>What this worker is called in the journal. Default: machine and process.</summary>
    public string Worker
    {
        get;
        init => field = !string.IsNullOrWhiteSpace(value) ? value : throw new ArgumentException("Worker is empty; allowed: a name.", nameof(Worker));
    } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Measures waiting times. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
