using System.Globalization;

namespace Descent.Training.Memory;

/// <summary>How much memory there is for this process, by the kernel's count.</summary>
/// <param name="Total">Bytes that it could have: the machine's, or its control group's limit.</param>
/// <param name="Available">Bytes that can still be taken before something is swapped out or ended.</param>
/// <param name="Resident">Bytes that it has.</param>
internal readonly record struct MemoryState(long Total, long Available, long Resident)
{
    private const string Groups = "/sys/fs/cgroup";

    /// <summary>Reads it; null where the system doesn't tell.</summary>
    public static MemoryState? Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            long total = 0, available = 0;
            foreach (string line in File.ReadLines("/proc/meminfo"))
            {
                if (line.StartsWith("MemTotal:", StringComparison.Ordinal))
                {
                    total = Kibibytes(line);
                }
                else if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
                {
                    available = Kibibytes(line);
                    break;
                }
            }

            (long groupTotal, long groupAvailable) = Group();
            return new MemoryState(Math.Min(total, groupTotal), Math.Min(available, groupAvailable), ProcessMemory.Read().Resident);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    // What the kernel caches of files (inactive_file) is counted to the group and given up first.
    private static (long Total, long Available) Group()
    {
        string own = File.ReadLines("/proc/self/cgroup").FirstOrDefault(static line => line.StartsWith("0::", StringComparison.Ordinal))?[3..] ?? "/";
        string folder = Path.Combine(Groups, own.TrimStart('/'));
        string limit = Path.Combine(folder, "memory.max");
        if (!File.Exists(limit) || !long.TryParse(File.ReadAllText(limit), NumberStyles.Integer, CultureInfo.InvariantCulture, out long total))
        {
            return (long.MaxValue, long.MaxValue);
        }

        long used = long.Parse(File.ReadAllText(Path.Combine(folder, "memory.current")), CultureInfo.InvariantCulture);
        string? cached = File.ReadLines(Path.Combine(folder, "memory.stat")).FirstOrDefault(static line => line.StartsWith("inactive_file ", StringComparison.Ordinal));
        long givenUp = cached is null ? 0 : long.Parse(cached.AsSpan(cached.IndexOf(' ') + 1), CultureInfo.InvariantCulture);
        return (total, Math.Max(0, total - used + givenUp));
    }

    private static long Kibibytes(string line)
    {
        ReadOnlySpan<char> digits = line.AsSpan(line.IndexOf(':') + 1).Trim();
        return long.Parse(digits[..digits.IndexOf(' ')], CultureInfo.InvariantCulture) * 1024;
    }
}
