using System.Diagnostics;

namespace Descent.Training.Memory;

/// <summary>How fast a folder's disk takes what is written.</summary>
internal static class DiskSpeed
{
    private const int PieceBytes = 8 << 20;
    private const int Pieces = 16;

    /// <summary>Bytes a second, of 128 MiB that reach the disk.</summary>
    /// <exception cref="BadInputException">Nothing can be written there.</exception>
    public static double Measure(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, $".descent-{Environment.ProcessId}-{Guid.NewGuid():N}.speed");
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            byte[] piece = new byte[PieceBytes];
            new Random(1).NextBytes(piece);
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Pieces; i++)
            {
                file.Write(piece);
            }

            file.Flush(flushToDisk: true);
            return Pieces * (double)PieceBytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"memory.folder: nothing can be written to {folder} ({exception.Message}); give a folder on a disk with room", exception);
        }
    }
}
