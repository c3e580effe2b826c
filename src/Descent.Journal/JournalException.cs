namespace Descent.Journal;

/// <summary>A journal can't be opened, read or written; the message is one line: what, why, the remedy.</summary>
public sealed class JournalException : Exception
{
    /// <summary>A journal that can't be used.</summary>
    /// <param name="message">What, why, the remedy.</param>
    public JournalException(string message)
        : base(message)
    {
    }

    /// <summary>A journal that can't be used.</summary>
    /// <param name="message">What, why, the remedy.</param>
    /// <param name="innerException">The failure that led to it.</param>
    public JournalException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
