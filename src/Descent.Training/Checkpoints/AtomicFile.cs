using System.Runtime.InteropServices;

namespace Descent.Training.Checkpoints;

/// <summary>Files that are whole or absent: written under a temporary name, flushed to the disk, renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes <paramref name="contents"/> to <paramref name="path"/> so that a crash at any moment leaves the old file or the new one.</summary>
    public static void WriteAllText(string path, string contents)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        WriteFlushed(temporary, contents);
        File.Move(temporary, path, overwrite: true);
        FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    internal static void WriteFlushed(string path, string contents)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.Write(System.Text.Encoding.UTF8.GetBytes(contents));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Makes a rename durable: the entry in its directory reaches the disk too.</summary>
    internal static void FlushDirectory(string directory)
    {
        // .NET opens no directories. Windows needs no such flush: NTFS journals its metadata.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(directory, 0);
        if (descriptor >= 0)
        {
            _ = Sync(descriptor);
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
