namespace Descent.Tuning;

/// <summary>What one trial may take. A trial that takes more is cancelled and has failed.</summary>
public sealed record TrialLimits
{
    /// <summary>Time over all its attempts. Default: no limit.</summary>
    public TimeSpan? Time { get; init => field = value is null || value > TimeSpan.Zero ? value : throw Refused(nameof(Time), value, "a time above 0"); }

    /// <summary>Resident memory, in bytes, of the process that runs it. In one process, only one trial at a time can be held to it; trials that are processes (<see cref="ProcessObjective"/>) each. Default: no limit.</summary>
    public long? Memory { get; init => field = value is null or > 0 ? value : throw Refused(nameof(Memory), value, "a number of bytes above 0"); }

    /// <summary>Bytes of files in the trial's folder. Default: no limit.</summary>
    public long? Disk { get; init => field = value is null or > 0 ? value : throw Refused(nameof(Disk), value, "a number of bytes above 0"); }

    internal bool Any => Time is not null || Memory is not null || Disk is not null;

    private static ArgumentOutOfRangeException Refused(string name, object? value, string allowed) => new(name, value, $"{name} is {value}; allowed: {allowed}.");
}
