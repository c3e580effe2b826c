using System.Diagnostics;
using System.Globalization;

namespace Descent.Training;

/// <summary>Resident memory of this process as the kernel counts it.</summary>
public static class ProcessMemory
{
    /// <summary>Bytes resident now, and the most that ever were.</summary>
    public static (long Resident, long Peak) Read()
    {
        if (OperatingSystem.IsLinux())
        {
            long resident = 0, peak = 0;
            foreach (string line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    peak = Kibibytes(line);
                }
                else if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                {
                    resident = Kibibytes(line);
                    break;
                }
            }

            return (resident, Math.Max(peak, resident));
        }

        using var process = Process.GetCurrentProcess();
        return (process.WorkingSet64, process.PeakWorkingSet64);
    }

    private static long Kibibytes(string line)
    {
        ReadOnlySpan<char> digits = line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).Trim();
        digits = digits[..digits.IndexOf(' ')];
        return long.Parse(digits, CultureInfo.InvariantCulture) * 1024;
    }
}
