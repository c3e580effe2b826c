using Descent.Tuning.Pruners;

namespace Descent.Tuning.Races;

/// <summary>Who races, for how long, and towards what.</summary>
public sealed record RaceOptions
{
    // What a double still counts exactly, with room.
    internal const long LargestSeed = 1_000_000_000_000;

    /// <summary>Who races; at least two, by different names.</summary>
    public required IReadOnlyList<Contender> Contenders
    {
        get;
        init => field = value.Count < 2 ? throw new ArgumentException($"Contenders are {value.Count}; allowed: at least two, or there is nothing to compare.", nameof(Contenders))
            : value.GroupBy(static contender => contender.Name).FirstOrDefault(static group => group.Count() > 1) is { } twice
                ? throw new ArgumentException($"Contenders have '{twice.Key}' twice; allowed: different names.", nameof(Contenders))
            : value;
    }

    /// <summary>Which way the metric gets better. Default: down.</summary>
    public Direction Direction { get; init; }

    /// <summary>The value whose reaching is timed. Default: what <see cref="Reference"/> reaches at its end with every seed.</summary>
    public double? Target { get; init; }

    /// <summary>The contender that sets the target. Default: the first one.</summary>
    public string? Reference { get; init; }

    /// <summary>What is the same for all in the search. Default: the number of trials.</summary>
    public EqualBudget Equal { get; init; }

    /// <summary>Trials of each contender's search, at least 1. Default 8. Unused with <see cref="EqualBudget.Seconds"/>.</summary>
    public int Trials { get; init => field = Allowed.AtLeast(value, 1); } = 8;

    /// <summary>Seeds that each contender's best settings are run with, at least 1; the same for all. Default 5: fewer find only large differences.</summary>
    public int Seeds { get; init => field = Allowed.AtLeast(value, 1); } = 5;

    /// <summary>The share of a full run that a run of the search is, above 0, at most 1. Default ½.</summary>
    public double SearchLength
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(SearchLength), value, FormattableString.Invariant($"SearchLength is {value}; allowed: above 0 and at most 1."));
    } = 0.5;

    /// <summary>
    /// The time in which all should be over; searches are cut for all alike, then seeds. Needed with <see cref="EqualBudget.Seconds"/>, which it is divided into. Default: as long as it takes.
    /// </summary>
    public TimeSpan? Time
    {
        get;
        init => field = value is null || value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Time), value, $"Time is {value}; allowed: above 0.");
    }

    /// <summary>Runs at once. Default 1, with which the same seed gives the same race.</summary>
    public int Workers { get; init => field = Allowed.AtLeast(value, 1); } = 1;

    /// <summary>The seed of the searches; the runs that are compared have the ones after it. Default 0; at most 10¹¹ either way.</summary>
    public long Seed
    {
        get;
        init => field = value is >= -LargestSeed / 10 and <= LargestSeed / 10 ? value
            : throw new ArgumentOutOfRangeException(nameof(Seed), value, $"Seed is {value}; allowed: from {-LargestSeed / 10} to {LargestSeed / 10}.");
    }

    /// <summary>Makes the pruner of a search. Default: the first of <see cref="PrunerCatalog"/>.</summary>
    public Func<IPruner?> Pruner { get; init; } = static () => PrunerCatalog.Create(PrunerCatalog.Names[0]);

    /// <summary>The folder in which each run has one of its own. Default: none.</summary>
    public string? Folder { get; init; }

    /// <summary>See <see cref="StudyOptions.Lease"/>.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>See <see cref="OptimizeOptions.Grace"/>.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Measures time. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void Check()
    {
        if (Equal == EqualBudget.Seconds && Time is null)
        {
            throw new ArgumentException("Equal is Seconds, but there is no Time to divide; allowed: a Time, or equal trials.", nameof(Time));
        }

        if (Reference is not null && !Contenders.Any(contender => contender.Name == Reference))
        {
            throw new ArgumentException($"Reference is '{Reference}'; allowed: {string.Join(", ", Contenders.Select(static contender => contender.Name))}.", nameof(Reference));
        }
    }
}
