namespace Descent.Tuning;

/// <summary>A study can't be opened or go on; the message is one line: what, why, the remedy.</summary>
public sealed class StudyException : Exception
{
    /// <summary>A study that can't go on.</summary>
    /// <param name="message">What, why, the remedy.</param>
    public StudyException(string message)
        : base(message)
    {
    }

    /// <summary>A study that can't go on.</summary>
    /// <param name="message">What, why, the remedy.</param>
    /// <param name="innerException">The failure that led to it.</param>
    public StudyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
