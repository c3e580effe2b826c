using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Descent.Training.Memory;

/// <summary>What an action took: the resident memory above where it began, what it left behind, and its time.</summary>
internal readonly record struct Reading(long Peak, long Left, double Seconds);

/// <summary>Measures the memory and time of short actions in this process.</summary>
/// <remarks>The kernel keeps the highest resident size; it can be set back (<c>/proc/self/clear_refs</c>), so that the peak of one action is read exactly.</remarks>
internal static class Meter
{
    private const string Reset = "/proc/self/clear_refs";
    private const int MostRounds = 24;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1.5);

    /// <summary>Whether this system measures peaks: Linux.</summary>
    public static bool IsAvailable { get; } = OperatingSystem.IsLinux() && TryReset();

    /// <summary>Sets the process's peak back to what it has now: what was measured is no part of a run's own peak.</summary>
    public static void Forget() => TryReset();

    /// <summary>Whether the fastest of so many rounds is to be trusted: other work of the machine disturbs short ones, which are repeated for longer.</summary>
    /// <param name="rounds">Rounds done.</param>
    /// <param name="least">Rounds that are done in any case.</param>
    /// <param name="start">When the first began (<see cref="Stopwatch.GetTimestamp"/>).</param>
    public static bool IsEnough(int rounds, int least, long start) => rounds >= least && (rounds >= MostRounds || Stopwatch.GetElapsedTime(start) >= Enough);

    /// <summary>Runs an action and reads what it took.</summary>
    /// <param name="action">What is measured.</param>
    /// <param name="exact">Whether blocks that were freed before go back to the kernel first, so that memory is counted that is taken again; it costs page faults, so time is measured without.</param>
    public static Reading Measure(Action action, bool exact = false)
    {
        if (exact)
        {
            ReturnFreed();
        }

        TryReset();
        long before = ProcessMemory.Read().Resident;
        long start = Stopwatch.GetTimestamp();
        action();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        (long after, long peak) = ProcessMemory.Read();
        return new Reading(Math.Max(0, peak - before), after - before, seconds);
    }

    /// <summary>Gives what the C library and the runtime hold without use back to the kernel, and reads what is resident then.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();

        // The runtime keeps room for what it expects to be allocated again; what data and tokenizers left is not.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ReturnFreed();
        return ProcessMemory.Read().Resident;
    }

    private static void ReturnFreed()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = Trim(0);
            }
            catch (EntryPointNotFoundException)
            {
                // musl keeps nothing.
            }
        }
    }

    private static bool TryReset()
    {
        try
        {
            File.WriteAllText(Reset, "5");
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int Trim(nuint pad);
}
