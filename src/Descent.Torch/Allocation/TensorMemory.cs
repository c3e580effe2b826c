using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Descent.Torch;

/// <summary>The memory of libtorch's large tensors on the CPU, taken over from the C library: see <see cref="BlockCache"/>.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>Smaller blocks stay with the C library.</summary>
    public const uint LeastBytes = 1 << 20;

    private const nuint HugePage = 2 << 20;
    private const int Readable = 1, Writable = 2, Private = 2, Anonymous = 0x20, AdviseHugePages = 14;

    private static readonly nint Failed = -1;
    private static readonly Lock Gate = new();
    private static bool? _installed;

    /// <summary>The blocks.</summary>
    public static BlockCache Blocks { get; } = new(Map, Unmap);

    /// <summary>Puts it into libtorch's place; false where this libtorch isn't laid out as known, or the system isn't Linux on x64.</summary>
    public static bool Install()
    {
        lock (Gate)
        {
            return _installed ??= AllocatorHook.TryInstall(&Take, &Return, LeastBytes);
        }
    }

    // libtorch expects an exception of C++ where there is no memory, which can't be thrown from here; requests beyond the machine's memory don't arrive here.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Take(nint result, nint self, nuint bytes)
    {
        nint address = Blocks.Take(bytes);
        if (address == 0)
        {
            Environment.FailFast($"The kernel gives no {bytes} bytes for a tensor; {Blocks.Live} are in use. Plan with less memory: 'descent plan'.");
        }

        AllocatorHook.Fill(result, address);
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Return(nint address)
    {
        if (!Blocks.Return(address))
        {
            AllocatorHook.FreeByDefault(address);
        }
    }

    private static nint Map(nuint bytes)
    {
        nint address = MapMemory(0, bytes, Readable | Writable, Private | Anonymous, -1, 0);
        if (address == Failed)
        {
            return 0;
        }

        if (bytes >= 2 * HugePage)
        {
            // A fault for 2 MiB instead of 512 for pages.
            _ = Advise(address, bytes, AdviseHugePages);
        }

        return address;
    }

    private static void Unmap(nint address, nuint bytes) => _ = UnmapMemory(address, bytes);

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint MapMemory(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int UnmapMemory(nint address, nuint length);

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Advise(nint address, nuint length, int advice);
}
