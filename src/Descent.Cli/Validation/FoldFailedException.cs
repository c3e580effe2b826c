namespace Descent.Cli.Validation;

/// <summary>A fold could not be carried out.</summary>
/// <param name="message">Why.</param>
/// <param name="isRefused">Whether its input was refused, before anything was trained.</param>
internal sealed class FoldFailedException(string message, bool isRefused) : Exception(message)
{
    /// <summary>Whether its input was refused, before anything was trained.</summary>
    public bool IsRefused => isRefused;
}
