namespace Descent.Testing;

/// <summary>A contract is broken; the message says which, where, and by what values.</summary>
public sealed class ContractException : Exception
{
    /// <summary>A broken contract.</summary>
    /// <param name="message">Which, where, and by what values.</param>
    public ContractException(string message)
        : base(message)
    {
    }
}
