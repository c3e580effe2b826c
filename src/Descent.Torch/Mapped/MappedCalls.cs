using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Descent.Torch;

/// <summary>What the kernel is asked about mapped files. All but <see cref="Grow"/> are for Linux.</summary>
internal static class MappedCalls
{
    /// <summary>ENOSPC.</summary>
    public const int NoSpace = 28;

    private const int Shared = 1;
    private const int AdviseWillNeed = 3, AdviseDontNeed = 4, PopulateRead = 22;
    private const uint WaitBefore = 1, Write = 2, WaitAfter = 4;
    private const int KeepSize = 1, Punch = 2;

    private static readonly nint Failed = -1;

    /// <summary>Makes the file longer and takes the disk's space for it; 0 or an error's number.</summary>
    public static int Grow(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            return Allocate(file, offset, length);
        }

        RandomAccess.SetLength(file, offset + length);
        return 0;
    }

    public static nint Map(SafeFileHandle file, long offset, long length)
    {
        nint address = MapFile(0, (nuint)length, PageCalls.Readable | PageCalls.Writable, Shared, file, offset);
        return address != Failed
            ? address
            : throw new IOException($"{length} bytes of the scratch file of tensors cannot be mapped ({Marshal.GetLastPInvokeErrorMessage()}).");
    }

    public static void Unmap(nint address, long length) => PageCalls.Unmap(address, (nuint)length);

    /// <summary>Reads pages and maps them. Kernels before 5.14 can only be asked to begin reading.</summary>
    public static void Populate(nint address, long length)
    {
        if (PageCalls.Advise(address, (nuint)length, PopulateRead) != 0)
        {
            _ = PageCalls.Advise(address, (nuint)length, AdviseWillNeed);
        }
    }

    public static void DontNeed(nint address, long length) => _ = PageCalls.Advise(address, (nuint)length, AdviseDontNeed);

    /// <summary>Returns when what was changed in the range is on the disk.</summary>
    public static void WriteBack(SafeFileHandle file, long offset, long length) => _ = SyncRange(file, offset, length, WaitBefore | Write | WaitAfter);

    /// <summary>Gives the space of a range back; the file keeps its length. A file system that can't keeps the space until the file is closed.</summary>
    public static void PunchHole(SafeFileHandle file, long offset, long length) => _ = Deallocate(file, KeepSize | Punch, offset, length);

    [DllImport("libc", EntryPoint = "posix_fallocate")]
    private static extern int Allocate(SafeFileHandle file, long offset, long length);

    [DllImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static extern int Deallocate(SafeFileHandle file, int mode, long offset, long length);

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static extern nint MapFile(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

    [DllImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static extern int SyncRange(SafeFileHandle file, long offset, long length, uint flags);
}
