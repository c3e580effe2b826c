using System.Runtime.InteropServices;

namespace Descent.Torch;

/// <summary>Pages of memory, by the C library. For Linux.</summary>
internal static class PageCalls
{
    public const int Readable = 1, Writable = 2, Executable = 4;

    private const int Private = 2, Anonymous = 0x20, HugePages = 14;

    private static readonly nint Failed = -1;

    /// <summary>Pages of zeros to read and write; 0: there are none.</summary>
    public static nint Map(nuint bytes) => MapMemory(0, bytes, Readable | Writable, Private | Anonymous, -1, 0) is var address && address == Failed ? 0 : address;

    public static void Unmap(nint address, nuint bytes) => _ = UnmapMemory(address, bytes);

    /// <summary>Changes what may be done with pages; false: the system forbids it.</summary>
    public static bool Allow(nint address, nuint bytes, int what) => Protect(address, bytes, what) == 0;

    /// <summary>Asks for pages of 2 MiB: a fault for one instead of 512.</summary>
    public static void PreferHuge(nint address, nuint bytes) => _ = Advise(address, bytes, HugePages);

    /// <summary>0, or an error's number in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    [DllImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static extern int Advise(nint address, nuint length, int advice);

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint MapMemory(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int UnmapMemory(nint address, nuint length);

    [DllImport("libc", EntryPoint = "mprotect")]
    private static extern int Protect(nint address, nuint length, int protection);
}
