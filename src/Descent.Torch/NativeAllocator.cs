using System.Runtime.InteropServices;

namespace Descent.Torch;

/// <summary>What the C library does with memory that libtorch frees.</summary>
/// <remarks>
/// <para>glibc gives large freed blocks back to the kernel at once. A training step frees and takes the same hundreds of megabytes again, and the kernel clears
/// every page anew: measured on GPT-2 small with 256 tokens a step, page faults are up to a quarter of the step's time. Keeping the blocks
/// costs the memory of fragments.</para>
/// <para>The setting holds for the whole process, from the call on. On other C libraries it does nothing.</para>
/// </remarks>
public static class NativeAllocator
{
    // Parameters of mallopt(3).
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    private const int Never = int.MaxValue;
    private const int GrowBy = 64 << 20;

    /// <summary>Freed blocks stay with the process and serve the next step: the fastest.</summary>
    /// <returns>Whether the C library took the setting.</returns>
    public static bool KeepFreedBlocks() => Set(MmapThreshold, Never) && Set(TrimThreshold, Never) && Set(TopPad, GrowBy);

    /// <summary>Freed blocks of a megabyte and more go back to the kernel at once: the least memory.</summary>
    /// <returns>Whether the C library took the setting.</returns>
    public static bool ReturnFreedBlocks() => Set(MmapThreshold, 1 << 20) && Set(TrimThreshold, 1 << 20) && Set(TopPad, 0);

    private static bool Set(int parameter, int value)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            return SetOption(parameter, value) == 1;
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl has no such options.
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int SetOption(int parameter, int value);
}
