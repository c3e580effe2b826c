using System.Runtime.InteropServices;

namespace Descent.Torch;

/// <summary>What is done with memory that libtorch frees.</summary>
/// <remarks>
/// <para>glibc gives large freed blocks back to the kernel at once. A training step frees and takes the same hundreds of megabytes again, and the kernel clears
/// every page anew: measured on GPT-2 small with 256 tokens a step, page faults are up to a quarter of the step's time. Told to keep the blocks, its heap grows to twice what lives in it.</para>
/// <para>So tensors of a megabyte and more get blocks of our own, of huge pages where the kernel has them, that wait for the next tensor of their size; the process never has
/// more than its tensors needed at their highest point. For that, libtorch's allocator of CPU memory is replaced with the first call. Where it isn't as expected
/// (another version, another system), glibc is told instead; on other C libraries nothing is done.</para>
/// <para>The setting holds for the whole process, from the call on.</para>
/// </remarks>
public static class NativeAllocator
{
    // Parameters of mallopt(3).
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    private const int Never = int.MaxValue;
    private const int GrowBy = 4 << 20;

    /// <summary>
    /// How much of what lives at the highest point of a step is held beside it in freed blocks, when they are kept: usually half of what may be; of glibc's heap as much as lives in it.
    /// </summary>
    public static double KeptShare => TensorMemory.Install() ? BlockCache.Slack / 2 : 1;

    /// <summary>Freed blocks stay with the process and serve the next step: the fastest.</summary>
    /// <returns>Whether it is done.</returns>
    public static bool KeepFreedBlocks()
    {
        bool ours = TensorMemory.Install();
        TensorMemory.Blocks.Keeps = ours;
        return (Set(MmapThreshold, Never) && Set(TrimThreshold, Never) && Set(TopPad, GrowBy)) || ours;
    }

    /// <summary>Freed blocks of a megabyte and more go back to the kernel at once: the least memory.</summary>
    /// <returns>Whether it is done.</returns>
    public static bool ReturnFreedBlocks()
    {
        bool ours = TensorMemory.Install();
        TensorMemory.Blocks.Keeps = false;
        return (Set(MmapThreshold, 1 << 20) && Set(TrimThreshold, 1 << 20) && Set(TopPad, 0)) || ours;
    }

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
