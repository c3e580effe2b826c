namespace Descent.Tuning;

/// <summary>A trial's process ended without a result.</summary>
public sealed class ProcessFailedException : Exception
{
    /// <summary>A process that failed.</summary>
    /// <param name="message">Which, with what code, and its last words.</param>
    public ProcessFailedException(string message)
        : base(message)
    {
    }
}
