using System.Globalization;

namespace Descent.Training.Memory;

/// <summary>What control groups leave a process of memory: the least of its own group and all groups around it. Reads version 2 of the kernel's interface, and version 1, which older containers have.</summary>
/// <param name="processGroups">The process's groups, a line a hierarchy: <c>/proc/self/cgroup</c>.</param>
/// <param name="root">Where the hierarchies lie: <c>/sys/fs/cgroup</c>.</param>
internal sealed class ControlGroup(string processGroups, string root)
{
    // Limits beyond this are the kernel's way to say none (2⁶³ less a page).
    private const long Unlimited = 1L << 60;

    private static readonly Names Two = new("memory.max", "memory.current", "inactive_file ");
    private static readonly Names One = new("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");

    /// <summary>This process's.</summary>
    public static ControlGroup Own { get; } = new("/proc/self/cgroup", "/sys/fs/cgroup");

    /// <summary>The limit and what is left below it, in bytes; <see cref="long.MaxValue"/> where there is none.</summary>
    public (long Total, long Available) Memory()
    {
        (long Total, long Available) least = (long.MaxValue, long.MaxValue);
        foreach (string line in File.Exists(processGroups) ? File.ReadAllLines(processGroups) : [])
        {
            // hierarchy:controllers:path
            string[] parts = line.Split(':', 3);
            if (parts.Length != 3)
            {
                continue;
            }

            if (parts[0] == "0")
            {
                least = Least(least, Around(root, parts[2], Two));
            }
            else if (parts[1].Split(',').Contains("memory"))
            {
                least = Least(least, Around(Path.Combine(root, "memory"), parts[2], One));
            }
        }

        return least;
    }

    // Inside a container the path may be that of the machine outside: then its own group is what it sees as the root.
    private static (long Total, long Available) Around(string hierarchy, string path, Names names)
    {
        (long Total, long Available) least = (long.MaxValue, long.MaxValue);
        for (string group = path.TrimEnd('/'); ; group = group[..Math.Max(0, group.LastIndexOf('/'))])
        {
            least = Least(least, Of(Path.Combine(hierarchy, group.TrimStart('/')), names));
            if (group.Length == 0)
            {
                return least;
            }
        }
    }

    // What the kernel caches of files is counted to the group and given up first.
    private static (long Total, long Available) Of(string folder, Names names)
    {
        string limit = Path.Combine(folder, names.Limit);
        if (!File.Exists(limit) || !long.TryParse(File.ReadAllText(limit), NumberStyles.Integer, CultureInfo.InvariantCulture, out long total) || total >= Unlimited)
        {
            return (long.MaxValue, long.MaxValue);
        }

        long used = long.Parse(File.ReadAllText(Path.Combine(folder, names.Used)), CultureInfo.InvariantCulture);
        string? cached = File.ReadLines(Path.Combine(folder, "memory.stat")).FirstOrDefault(line => line.StartsWith(names.Cached, StringComparison.Ordinal));
        long givenUp = cached is null ? 0 : long.Parse(cached.AsSpan(names.Cached.Length), CultureInfo.InvariantCulture);
        return (total, Math.Max(0, total - used + givenUp));
    }

    private static (long Total, long Available) Least((long Total, long Available) a, (long Total, long Available) b) =>
        (Math.Min(a.Total, b.Total), Math.Min(a.Available, b.Available));

    private sealed record Names(string Limit, string Used, string Cached);
}
