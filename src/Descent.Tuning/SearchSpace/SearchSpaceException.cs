namespace Descent.Tuning;

/// <summary>A search space can't be used; the message is one line: what, the actual value, what is allowed.</summary>
public sealed class SearchSpaceException : Exception
{
    /// <summary>A search space that can't be used.</summary>
    /// <param name="message">What, the actual value, what is allowed.</param>
    public SearchSpaceException(string message)
        : base(message)
    {
    }
}
