namespace Descent.Training;

/// <summary>The user's input (a run file, data, a path, a checkpoint) cannot be used.</summary>
/// <remarks>
/// The message is one line a person can act on: what is wrong and where, the actual value, what is allowed, the remedy.
/// The command line prints it without a stack trace and exits with code 2.
/// </remarks>
public sealed class BadInputException : Exception
{
    /// <summary>Creates the exception with its one-line message.</summary>
    public BadInputException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its one-line message and the failure that led to it.</summary>
    public BadInputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
