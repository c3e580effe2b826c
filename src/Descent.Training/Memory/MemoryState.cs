namespace Descent.Training.Memory;

/// <summary>How much memory there is for this process, by the kernel's count.</summary>
/// <param name="Total">Bytes that it could have: the machine's, or its control group's limit.</param>
/// <param name="Available">Bytes that can still be taken before something is swapped out or ended.</param>
/// <param name="Resident">Bytes that it has.</param>
internal readonly record struct MemoryState(long Total, long Available, long Resident)
{
    /// <summary>Reads it; null where the system doesn't tell.</summary>
    public static MemoryState? Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            long[] machine = ProcFile.Bytes("/proc/meminfo", "MemTotal", "MemAvailable");
            (long groupTotal, long groupAvailable) = ControlGroup.Own.Memory();
            return new MemoryState(Math.Min(machine[0], groupTotal), Math.Min(machine[1], groupAvailable), ProcessMemory.Read().Resident);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
