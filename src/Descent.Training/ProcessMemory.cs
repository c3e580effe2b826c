using System.Diagnostics;

namespace Descent.Training;

/// <summary>Resident memory of this process as the kernel counts it.</summary>
public static class ProcessMemory
{
    /// <summary>Bytes resident now, and the most that ever were.</summary>
    public static (long Resident, long Peak) Read()
    {
        if (OperatingSystem.IsLinux())
        {
            long[] amounts = ProcFile.Bytes("/proc/self/status", "VmHWM", "VmRSS");
            return (amounts[1], Math.Max(amounts[0], amounts[1]));
        }

        using var process = Process.GetCurrentProcess();
        return (process.WorkingSet64, process.PeakWorkingSet64);
    }
}
