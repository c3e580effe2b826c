using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;

namespace Descent.Training.Data;

/// <summary>Opens files that may be compressed, with failures as one clear message.</summary>
/// <remarks>
/// Decompression is SharpZipLib's (TorchSharp brings it along), because the base class library's takes a file that was cut short for a shorter file: a table would
/// silently lose rows.
/// </remarks>
internal static class DataFile
{
    /// <summary>Opens a file for reading from start to end; one whose name ends in <c>.gz</c> is decompressed on the way.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">Name of the option it came from, for the message.</param>
    /// <exception cref="BadInputException">The file is missing or may not be read.</exception>
    public static Stream OpenRead(string path, string option)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipInputStream(file, 1 << 16) : file;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{option}: {path} does not exist; give the path of a file that does", exception);
        }
        catch (UnauthorizedAccessException exception) when (Directory.Exists(path))
        {
            throw new BadInputException($"{option}: {path} is a folder; give the path of a file", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{option}: {path} can't be read ({exception.Message}); check that it is a file and its permissions", exception);
        }
    }

    /// <summary>Whether reading failed because compressed content is damaged or cut short.</summary>
    /// <param name="exception">What reading threw.</param>
    public static bool IsDamage(Exception exception) => exception is SharpZipBaseException or EndOfStreamException;

    /// <summary>What to tell about a damaged file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="exception">The decompressor's complaint.</param>
    public static BadInputException Damaged(string path, Exception exception) =>
        new($"{path}: the compressed data is damaged or cut short ({exception.Message}); fetch the file again", exception);
}
