namespace Descent.Training.Checkpoints;

/// <summary>Files that a user named: what is wrong with one is bad input, not a fault of the program.</summary>
internal static class UserFile
{
    /// <summary>Reads, and turns the failures of reading into a message for the user.</summary>
    /// <exception cref="BadInputException">The file is missing, unreadable or damaged.</exception>
    public static void Read(Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new BadInputException(exception.Message, exception);
        }
    }
}
